using System.Collections.Immutable;

namespace Forge.Learning.Bench;

/// <summary>A prefix tree by the lengths of its nodes.</summary>
/// <param name="Rows">Rows of the node itself.</param>
/// <param name="Children">What follows it.</param>
internal sealed record TreeSketch(int Rows, params ImmutableArray<TreeSketch> Children)
{
    /// <summary>A prompt and branches of one length.</summary>
    public static TreeSketch Group(int prompt, int branches, int rows)
        => new(prompt, [.. Enumerable.Repeat(new TreeSketch(rows), branches)]);

    /// <summary>A root and nodes of one length below it, down to a depth; every node branches in two until a lesser depth.</summary>
    public static TreeSketch Agent(int root, int rows, int depth, int branchingDepth)
    {
        TreeSketch Below(int level) => new(
            level == 0 ? root : rows,
            level + 1 == depth ? [] : [.. Enumerable.Repeat(Below(level + 1), level < branchingDepth ? 2 : 1)]);
        return Below(0);
    }

    /// <summary>A prompt and a long chain, of which every piece also has a short fork that ends there.</summary>
    public static TreeSketch ForkedChain(int prompt, int pieces, int rows, int fork)
    {
        var chain = new TreeSketch(rows);
        for (var piece = 1; piece < pieces; piece++)
        {
            chain = new TreeSketch(rows, [new TreeSketch(fork), chain]);
        }

        return new TreeSketch(prompt, [chain]);
    }

    /// <summary>The same tree with all lengths divided, at least one row each.</summary>
    public TreeSketch Reduced(int divisor) => new(Math.Max(Rows / divisor, 1), [.. Children.Select(child => child.Reduced(divisor))]);

    /// <summary>For each row in preorder, one past the last row that sees it.</summary>
    public ImmutableArray<int> KeyEnds()
    {
        var ends = new List<int>();
        Add(ends);
        return [.. ends];
    }

    private void Add(List<int> ends)
    {
        var start = ends.Count;
        ends.AddRange(Enumerable.Repeat(0, Rows));
        foreach (var child in Children)
        {
            child.Add(ends);
        }

        for (var row = start; row < start + Rows; row++)
        {
            ends[row] = ends.Count;
        }
    }
}
