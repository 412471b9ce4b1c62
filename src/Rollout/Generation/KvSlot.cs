using Forge.Core.Ring;

namespace Forge.Rollout.Generation;

/// <summary>What one KV slot of the decoder holds.</summary>
/// <remarks>
/// Versions never decrease along the positions (a prefix is kept or dropped, new positions come from the newest policy), so the version of
/// position 0 is the oldest of the slot, and if it is the newest policy's, all are. A trainer that goes back to an older checkpoint breaks this once:
/// what runs then is <see cref="IsDiscarded"/>.
/// </remarks>
internal sealed class KvSlot(int index, int capacity)
{
    private readonly int[] _ids = new int[capacity];

    public int Index => index;

    /// <summary>Positions whose K and V are in place.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>The policy version behind position 0; meaningless while empty.</summary>
    public PolicyVersion Oldest { get; private set; }

    /// <summary>True when some of it comes from versions that the trainer gave up: those numbers will name other policies.</summary>
    public bool IsDiscarded { get; set; }

    /// <summary>The session that the content belongs to; null when nobody will come back for it.</summary>
    public EpisodeId? Session { get; set; }

    /// <summary>True while a sequence runs in it.</summary>
    public bool Busy { get; set; }

    /// <summary>Orders the slots by their last use.</summary>
    public long LastUsed { get; set; }

    public void Append(int id, PolicyVersion version)
    {
        if (Count == 0)
        {
            (Oldest, IsDiscarded) = (version, false);
        }

        _ids[Count++] = id;
    }

    public void Truncate(int count) => Count = Math.Min(Count, count);

    /// <summary>Takes over the bookkeeping of another slot's first positions; the decoder copies the KV.</summary>
    public void CopyFrom(KvSlot source, int count)
    {
        source._ids.AsSpan(0, count).CopyTo(_ids);
        Count = count;
        (Oldest, IsDiscarded) = (source.Oldest, source.IsDiscarded);
    }

    /// <summary>How many leading prompt tokens need not be computed; the last one always is, because its logits are wanted.</summary>
    public int Match(ReadOnlySpan<int> prompt) => Math.Min(prompt.Length - 1, Ids.CommonPrefixLength(prompt));
}
