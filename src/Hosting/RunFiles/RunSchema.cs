using System.Collections.Immutable;

namespace Forge.Hosting.RunFiles;

/// <summary>Names the sections of a run file and the options class behind each.</summary>
public sealed class RunSchema
{
    private readonly OrderedDictionary<string, Type> _sections = [];
    private readonly List<Func<RunFile, IEnumerable<(string Path, string Problem)>>> _rules = [];

    internal IEnumerable<KeyValuePair<string, Type>> Sections => _sections;

    internal ImmutableArray<Func<RunFile, IEnumerable<(string Path, string Problem)>>> Rules => [.. _rules];

    /// <summary>Adds a section; a run file that leaves it out gets the defaults.</summary>
    public RunSchema Section<T>(string name)
        where T : class, new()
    {
        _sections.Add(name, typeof(T));
        return this;
    }

    /// <summary>Adds a rule over several sections: it returns the path of each key that is wrong, and why.</summary>
    public RunSchema Rule(Func<RunFile, IEnumerable<(string Path, string Problem)>> rule)
    {
        _rules.Add(rule);
        return this;
    }
}
