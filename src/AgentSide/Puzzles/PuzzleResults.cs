namespace Forge.AgentSide.Puzzles;

/// <summary>What the tools told a puzzle's scripted player so far.</summary>
public sealed class PuzzleResults
{
    private readonly List<string> _all = [];

    /// <summary>Every result, in order.</summary>
    public IReadOnlyList<string> All => _all;

    /// <summary>The newest result; empty before the first.</summary>
    public string Last => _all.Count == 0 ? "" : _all[^1];

    internal void Add(string text) => _all.Add(text);
}
