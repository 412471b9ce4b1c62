using System.Security.Cryptography;
using System.Text;
using Forge.Core.Text;
using Forge.Hosting.Faults;

namespace Forge.Hosting.RunFiles;

/// <summary>One run described by one file, bound and checked: <c>Section&lt;TrainerOptions&gt;()</c> is the trainer's part of it.</summary>
public sealed class RunFile
{
    private readonly Dictionary<Type, object> _options = [];

    private RunFile(RunSchema schema, RunMapping root, string fileName, SectionBinder binder)
    {
        foreach (var (name, type) in schema.Sections)
        {
            var node = root.Entries.GetValueOrDefault(name);
            if (node is not (null or RunMapping or RunScalar { IsNull: true }))
            {
                binder.Violations.Add(new Violation(node.Place, name, "is a section: a mapping of keys, each on its own line below it"));
            }

            _options[type] = binder.Bind(type, node as RunMapping, name, node?.Place ?? fileName);
        }
    }

    /// <summary>Everything as it is used, defaults included, in the form of a run file that gives the same run.</summary>
    public string Resolved { get; private set; } = "";

    /// <summary>SHA-256 of <see cref="Resolved"/> in lower-case hexadecimal.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Resolved)));

    /// <summary>Reads, overrides, binds and checks.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Assignments such as <c>trainer.steps=10</c>; later ones win.</param>
    /// <param name="schema">The sections that the file may have.</param>
    /// <param name="environment">Reads an environment variable for a secret; null when it is not set.</param>
    /// <exception cref="RunFileException">Something is wrong; all of it is listed.</exception>
    /// <exception cref="UsageException">The file does not exist, or an override is no assignment.</exception>
    public static RunFile Load(string path, IEnumerable<string> overrides, RunSchema schema, Func<string, string?> environment)
    {
        if (!File.Exists(path))
        {
            throw new UsageException(
                $"The run file '{path}' does not exist (looked in {Path.GetFullPath(path)}). Give one with --run FILE; examples are in configs/.");
        }

        return Parse(File.ReadAllText(path), path, overrides, schema, environment);
    }

    /// <summary>Does what <see cref="Load"/> does, with the text at hand; <paramref name="fileName"/> is what messages call it.</summary>
    /// <exception cref="RunFileException">Something is wrong; all of it is listed.</exception>
    public static RunFile Parse(string text, string fileName, IEnumerable<string> overrides, RunSchema schema, Func<string, string?> environment)
    {
        var root = RunTree.Parse(text, fileName);
        foreach (var assignment in overrides)
        {
            RunTree.Override(root, assignment);
        }

        var binder = new SectionBinder(environment, [.. schema.Sections.SelectMany(section => OptionShape.Paths(section.Value, section.Key))]);
        RefuseUnknownSections(root, schema, binder);
        var run = new RunFile(schema, root, fileName, binder);
        if (binder.Violations.Count == 0)
        {
            binder.Violations.AddRange(schema.Rules.SelectMany(rule => rule(run))
                .Select(found => new Violation(binder.Places.GetValueOrDefault(found.Path, fileName), found.Path, found.Problem)));
        }

        if (binder.Violations.Count > 0)
        {
            throw new RunFileException(binder.Violations);
        }

        run.Resolved = ResolvedText.Of(schema, run.Options, binder.SecretReferences);
        return run;
    }

    /// <summary>The options of one section.</summary>
    public T Section<T>()
        where T : class
        => (T)Options(typeof(T));

    private object Options(Type type) => _options[type];

    private static void RefuseUnknownSections(RunMapping root, RunSchema schema, SectionBinder binder)
    {
        var known = schema.Sections.Select(section => section.Key).ToArray();
        foreach (var (name, node) in root.Entries.Where(entry => !known.Contains(entry.Key)))
        {
            binder.Violations.Add(new Violation(node.Place, name, NearestName.Of(name, known) is { } nearest
                ? $"unknown section; the nearest known section is '{nearest}'"
                : $"unknown section; known are {string.Join(", ", known)}"));
        }
    }
}
