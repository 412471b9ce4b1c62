using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention;

/// <summary>Rows [First, Last) of a forest, computed after all rows before them, and the path of earlier rows that they see.</summary>
/// <remarks>
/// The earlier rows that a chunk sees are the ancestors of its first row: a row k &lt; First whose key end lies after First. Along a path
/// key ends never rise, so what stays alive of a chunk's kept rows is always their beginning.
/// <code>
/// rows of the forest   0 1 2 | 3 4 5 | 6 7        key ends   8 8 3   6 5 6   8 8
/// chunk [3, 6)         sees 0, 1 of chunk 0;      keeps none of its own
/// chunk [6, 8)         sees 0, 1 of chunk 0
/// </code>
/// Row numbers and ends of a chunk count from First; ends are clipped at its last row.
/// </remarks>
internal sealed class ChunkRows
{
    private ChunkRows(int first, int last) => (First, Last) = (first, last);

    public int First { get; }

    public int Last { get; }

    public int Count => Last - First;

    /// <summary>First row of each tree (0 for one that an earlier chunk began), then the number of rows.</summary>
    public required int[] TreeStarts { get; init; }

    /// <summary>[N] One past the last row of the chunk that sees each row as a key.</summary>
    public required int[] KeyEnd { get; init; }

    /// <summary>Where the path above the first row stands, from the root on; empty when a tree begins with the chunk.</summary>
    public required ImmutableArray<PathSegment> Past { get; init; }

    /// <summary>[P] The same as <see cref="KeyEnd"/>, of the past rows.</summary>
    public required int[] PastKeyEnd { get; init; }

    /// <summary>Own rows that later chunks see, ascending.</summary>
    public required int[] Kept { get; init; }

    /// <summary>Splits a forest at given rows.</summary>
    /// <param name="starts">First row of each tree, then the number of rows.</param>
    /// <param name="keyEnd">[N] One past the last row that sees each row as a key; empty for plain sequences.</param>
    /// <param name="cuts">Boundaries of the chunks, from 0 to the number of rows.</param>
    /// <exception cref="ArgumentException">The boundaries do not rise from 0 to the number of rows.</exception>
    public static ImmutableArray<ChunkRows> Split(ImmutableArray<int> starts, ImmutableArray<int> keyEnd, ImmutableArray<int> cuts)
    {
        if (cuts.Length < 2 || cuts[0] != 0 || cuts[^1] != starts[^1] || cuts.Zip(cuts.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ArgumentException($"Cuts must rise from 0 to {starts[^1]}; got {string.Join(", ", cuts.Take(20))}.", nameof(cuts));
        }

        var ends = keyEnd.IsDefaultOrEmpty ? TreeEnds(starts) : keyEnd;
        var chunks = ImmutableArray.CreateBuilder<ChunkRows>(cuts.Length - 1);
        var path = new List<(int Chunk, int End)>(); // one entry per row of the living path
        for (var chunk = 0; chunk + 1 < cuts.Length; chunk++)
        {
            var (first, last) = (cuts[chunk], cuts[chunk + 1]);
            var kept = Enumerable.Range(first, last - first).Where(row => ends[row] > last).ToArray();
            chunks.Add(new ChunkRows(first, last)
            {
                TreeStarts = [0, .. starts.Where(start => start > first && start < last).Select(start => start - first), last - first],
                KeyEnd = [.. Enumerable.Range(first, last - first).Select(row => Math.Min(ends[row], last) - first)],
                Past = [.. path.CountBy(row => row.Chunk).OrderBy(part => part.Key).Select(part => new PathSegment(part.Key, part.Value))],
                PastKeyEnd = [.. path.Select(row => Math.Min(row.End, last) - first)],
                Kept = [.. kept.Select(row => row - first)],
            });
            path.RemoveAll(row => row.End <= last);
            path.AddRange(kept.Select(row => (chunk, ends[row])));
        }

        return chunks.MoveToImmutable();
    }

    private static ImmutableArray<int> TreeEnds(ImmutableArray<int> starts)
        => [.. starts.Skip(1).Zip(starts).SelectMany(tree => Enumerable.Repeat(tree.First, tree.First - tree.Second))];
}
