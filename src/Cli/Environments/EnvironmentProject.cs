using System.Globalization;
using System.Text.RegularExpressions;
using Forge.Hosting.Faults;

namespace Forge.Cli.Environments;

/// <summary>The files of a new environment's project, from the template in this program.</summary>
internal sealed partial class EnvironmentProject
{
    private static readonly (string Resource, string File)[] Files =
    [
        ("Directory.Build.props", "Directory.Build.props"),
        ("Environment.csproj", "{class}.csproj"),
        ("Environment.cs", "{class}.cs"),
        ("Tests.csproj", "tests/{class}.Tests.csproj"),
        ("Tests.cs", "tests/{class}Tests.cs"),
    ];

    /// <exception cref="UsageException">The name is no name of an environment.</exception>
    public EnvironmentProject(string name)
    {
        if (!NameShape().IsMatch(name))
        {
            throw new UsageException($"'{name}' is no name for an environment: use small letters, digits and underscores, a letter first, such as hidden_number.");
        }

        Name = name;
        ClassName = string.Concat(name.Split('_').Select(word => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(word)));
    }

    public string Name { get; }

    public string ClassName { get; }

    /// <exception cref="UsageException">The folder has something in it.</exception>
    public void Write(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new UsageException($"'{folder}' is there already and not empty. Name another folder with --to, or remove it.");
        }

        foreach (var (resource, file) in Files)
        {
            var path = Path.Combine(folder, Filled(file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, Filled(Template(resource)));
        }
    }

    private string Filled(string text) => text
        .Replace("{class}", ClassName, StringComparison.Ordinal)
        .Replace("{name}", Name, StringComparison.Ordinal)
        .Replace("{forge}", AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar), StringComparison.Ordinal);

    private static string Template(string name)
    {
        using var stream = typeof(EnvironmentProject).Assembly.GetManifestResourceStream($"environment/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex NameShape();
}
