using System.Numerics;

namespace Forge.Core.Text.Tokenization;

/// <summary>Answers "what does this pair of ids merge into, and how early?" from an open-addressing hash table.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge: later than any rank.</summary>
    public const int NoMerge = int.MaxValue;

    private const ulong EmptySlot = ulong.MaxValue;
    private const ulong Mixer = 0x9E3779B97F4A7C15;

    private readonly ulong[] _pairs;
    private readonly int[] _ranks;
    private readonly int[] _results;
    private readonly int _shift;

    /// <summary>Takes the merges in order of rank; of a pair listed twice the later rank counts, as in the reference.</summary>
    public MergeTable(IReadOnlyList<(int Left, int Right, int Result)> merges)
    {
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _pairs = new ulong[capacity];
        _ranks = new int[capacity];
        _results = new int[capacity];
        Array.Fill(_pairs, EmptySlot);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var slot = SlotOf(Pair(merges[rank].Left, merges[rank].Right));
            _pairs[slot] = Pair(merges[rank].Left, merges[rank].Right);
            _ranks[slot] = rank;
            _results[slot] = merges[rank].Result;
        }
    }

    /// <summary>The rank of a pair (lower merges first), or <see cref="NoMerge"/>.</summary>
    public int Rank(int left, int right, out int result)
    {
        var pair = Pair(left, right);
        var slot = SlotOf(pair);
        result = _results[slot];
        return _pairs[slot] == pair ? _ranks[slot] : NoMerge;
    }

    private int SlotOf(ulong pair)
    {
        var slot = (int)((pair * Mixer) >> _shift);
        while (_pairs[slot] != EmptySlot && _pairs[slot] != pair)
        {
            slot = (slot + 1) & (_pairs.Length - 1);
        }

        return slot;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
