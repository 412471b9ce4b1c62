using Forge.Hosting.Faults;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Forge.Hosting.RunFiles;

/// <summary>Reads YAML into nodes that know their line, and lays command-line overrides over them.</summary>
internal static class RunTree
{
    private const int DeepestLevel = 16;

    /// <exception cref="RunFileException">The text is not YAML, repeats a key, or is not a mapping.</exception>
    public static RunMapping Parse(string text, string fileName)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0
                ? new RunMapping($"{fileName}:1")
                : Convert(stream.Documents[0].RootNode, fileName) as RunMapping ?? throw new RunFileException(
                    [new Violation($"{fileName}:1", "", "a run file is a mapping of sections, such as 'trainer:', each with its keys")]);
        }
        catch (YamlException error)
        {
            throw new RunFileException(
                [new Violation($"{fileName}:{error.Start.Line}", "", $"this is not valid YAML (column {error.Start.Column}): {error.Message}")]);
        }
    }

    /// <summary>Applies <c>a.b=value</c>; the value is YAML, and a list or mapping replaces the old one as a whole.</summary>
    /// <exception cref="UsageException">The assignment has no <c>=</c> or no key, or its value is not YAML.</exception>
    public static void Override(RunMapping root, string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        var keys = equals > 0 ? assignment[..equals].Trim().Split('.') : [];
        if (keys.Length == 0 || keys.Any(string.IsNullOrWhiteSpace))
        {
            throw new UsageException($"--set {assignment}: expected KEY=VALUE, such as --set trainer.learning_rate=0.001");
        }

        var place = $"--set {assignment}";
        var mapping = root;
        foreach (var key in keys[..^1])
        {
            if (!mapping.Entries.TryGetValue(key, out var child) || child is not RunMapping inner)
            {
                mapping.Entries[key] = inner = new RunMapping(place);
            }

            mapping = inner;
        }

        mapping.Entries[keys[^1]] = Value(assignment[(equals + 1)..], place);
    }

    private static RunNode Value(string text, string place)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 ? new RunScalar(place, "", false) : Place(Convert(stream.Documents[0].RootNode, ""), place);
        }
        catch (YamlException error)
        {
            throw new UsageException($"{place}: the value is not valid YAML: {error.Message}", error);
        }
    }

    private static RunNode Convert(YamlNode node, string fileName, int depth = 0)
    {
        // An anchor may hold itself; no run file of ours is this deep.
        if (depth > DeepestLevel)
        {
            throw new YamlException(node.Start, node.End, $"nested deeper than {DeepestLevel} levels");
        }

        var place = $"{fileName}:{node.Start.Line}";
        switch (node)
        {
            case YamlMappingNode mapping:
                var result = new RunMapping(place);
                foreach (var (key, value) in mapping.Children)
                {
                    var name = (key as YamlScalarNode)?.Value ?? key.ToString();
                    result.Entries[name] = Convert(value, fileName, depth + 1) with { Place = $"{fileName}:{key.Start.Line}" };
                }

                return result;
            case YamlSequenceNode sequence:
                return new RunList(place, [.. sequence.Children.Select(child => Convert(child, fileName, depth + 1))]);
            default:
                var scalar = (YamlScalarNode)node;
                return new RunScalar(place, scalar.Value ?? "", scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any));
        }
    }

    private static RunNode Place(RunNode node, string place)
    {
        switch (node)
        {
            case RunMapping mapping:
                var result = new RunMapping(place);
                foreach (var (key, value) in mapping.Entries)
                {
                    result.Entries[key] = Place(value, place);
                }

                return result;
            case RunList list:
                return new RunList(place, [.. list.Items.Select(item => Place(item, place))]);
            default:
                return node with { Place = place };
        }
    }
}
