using System.Collections.Immutable;

namespace Forge.Learning.Model.Attention;

/// <summary>Names the rows of one cached forward: which token, in which slot, at which position.</summary>
/// <remarks>
/// A prompt's chunk is a run of rows with one slot and rising positions; a decoding sequence is one row. Both may stand
/// in
/// one call, in any order of slots. A row sees every position of its slot up to its own, so all of them must have been
/// written,
/// by earlier calls or by rows of this one; a slot stands in one run per call.
/// </remarks>
public sealed class CachedRows
{
    /// <exception cref="ArgumentException">The arrays differ in length, are empty, or a slot stands in two
    /// runs.</exception>
    public CachedRows(ImmutableArray<int> ids, ImmutableArray<int> slots, ImmutableArray<int> positions)
    {
        if (ids.Length == 0 || ids.Length != slots.Length || ids.Length != positions.Length)
        {
            throw new ArgumentException(
                $"Rows need one id, slot and position each: got {ids.Length}, {slots.Length} and {positions.Length}.", nameof(ids));
        }

        (Ids, Slots, Positions) = (ids, slots, positions);
        Runs = FindRuns(slots, positions);
        if (Runs.Select(run => slots[run.Start]).Distinct().Count() != Runs.Length)
        {
            throw new ArgumentException("Rows of one slot must be one run of rising positions.", nameof(slots));
        }
    }

    public ImmutableArray<int> Ids { get; }

    public ImmutableArray<int> Slots { get; }

    public ImmutableArray<int> Positions { get; }

    public int Count => Ids.Length;

    /// <summary>Maximal runs of rows of one slot with consecutive positions.</summary>
    internal ImmutableArray<(int Start, int Length)> Runs { get; }

    private static ImmutableArray<(int Start, int Length)> FindRuns(ImmutableArray<int> slots, ImmutableArray<int> positions)
    {
        var runs = ImmutableArray.CreateBuilder<(int, int)>();
        for (int start = 0, row = 1; row <= slots.Length; row++)
        {
            if (row == slots.Length || slots[row] != slots[row - 1] || positions[row] != positions[row - 1] + 1)
            {
                runs.Add((start, row - start));
                start = row;
            }
        }

        return runs.ToImmutable();
    }
}
