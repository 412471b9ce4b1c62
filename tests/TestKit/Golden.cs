namespace Forge.TestKit;

/// <summary>Finds independent test data: <c>FORGE_GOLDEN</c>, else <c>tests/golden</c> of the repository.</summary>
public static class Golden
{
    /// <summary>Resolves a path such as <c>tokenizer/gpt2.cases.json</c>.</summary>
    /// <exception cref="FileNotFoundException">The data is in none of the places.</exception>
    public static string Path(string relative)
    {
        foreach (var root in Roots())
        {
            var path = System.IO.Path.Combine(root, relative);
            if (File.Exists(path) || Directory.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"Golden data '{relative}' is in none of: {string.Join(", ", Roots())}.");
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("FORGE_GOLDEN") is { Length: > 0 } configured)
        {
            yield return configured;
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, "Forge.sln")))
            {
                yield return System.IO.Path.Combine(directory.FullName, "tests", "golden");
                yield return System.IO.Path.Combine(directory.FullName, "..", "shared", "golden");
            }
        }
    }
}
