namespace Forge.Learning.Bench;

/// <summary>A tree that attention is measured on.</summary>
/// <param name="Name">How results call it.</param>
/// <param name="Tree">Its nodes.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads.</param>
internal sealed record AttentionTree(string Name, TreeSketch Tree, int Heads, int KeyValueHeads)
{
    /// <summary>Groups under a long prompt, an agent's tree of many small nodes, and a long chain with forks.</summary>
    public static IReadOnlyList<AttentionTree> Published { get; } =
    [
        new("8 x 1k under 8k", TreeSketch.Group(8192, 8, 1024), 16, 16),
        new("16 x 1k under 16k", TreeSketch.Group(16384, 16, 1024), 48, 8),
        new("agent, 66k", TreeSketch.Agent(2048, 512, depth: 8, branchingDepth: 5), 16, 16),
        new("64 x 512 under 4k", TreeSketch.Group(4096, 64, 512), 48, 8),
        new("160 x 512 in a chain", TreeSketch.ForkedChain(4096, 160, 512, 32), 48, 8),
    ];
}
