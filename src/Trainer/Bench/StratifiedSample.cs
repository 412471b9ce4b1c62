using System.Collections.Immutable;

namespace Forge.Trainer.Bench;

/// <summary>
/// Picks sequences that stand for all: sorted by length and cut into runs of equal count, the longest of the first run (so that the
/// peak of memory is met) and the middle one of every other.
/// </summary>
internal static class StratifiedSample
{
    /// <param name="lengths">Tokens of each sequence.</param>
    /// <param name="fraction">How many of them to pick at least, above 0 and at most 1.</param>
    /// <returns>Indices, ascending.</returns>
    public static ImmutableArray<int> Choose(IReadOnlyList<int> lengths, double fraction)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fraction, 1);
        var run = (int)Math.Floor(1 / fraction);
        int[] longestFirst = [.. Enumerable.Range(0, lengths.Count).OrderByDescending(index => lengths[index])];
        return [.. longestFirst.Chunk(run).Select((members, place) => place == 0 ? members[0] : members[members.Length / 2]).Order()];
    }
}
