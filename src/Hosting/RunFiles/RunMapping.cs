namespace Forge.Hosting.RunFiles;

/// <summary>Keys and values, in the order of the file.</summary>
internal sealed record RunMapping(string Place) : RunNode(Place)
{
    public OrderedDictionary<string, RunNode> Entries { get; } = [];
}
