using Forge.Core.Ring;

namespace Forge.Rollout.Generation;

/// <summary>Chooses KV slots: a session's own, the best one to copy a prefix from, and the one to give up when slots are short.</summary>
internal sealed class SlotTable
{
    private readonly KvSlot[] _slots;
    private readonly KvSlot[] _shared;
    private long _clock;

    /// <param name="slots">Slots for sessions; indices from 0.</param>
    /// <param name="shared">Slots for shared prefixes; indices after those.</param>
    /// <param name="maxContext">Positions of a slot.</param>
    public SlotTable(int slots, int shared, int maxContext)
    {
        _slots = [.. Enumerable.Range(0, slots).Select(index => new KvSlot(index, maxContext))];
        _shared = [.. Enumerable.Range(slots, shared).Select(index => new KvSlot(index, maxContext))];
    }

    /// <summary>Idle sessions that had to give up their slot.</summary>
    public long Evictions { get; private set; }

    /// <summary>Sessions that keep KV and are not running.</summary>
    public int IdleSessions => _slots.Count(slot => !slot.Busy && slot.Session is not null);

    /// <summary>True when a request that is not a returning session could be placed.</summary>
    public bool AnyIdle => Array.Exists(_slots, slot => !slot.Busy);

    /// <summary>The idle slot of this session that agrees best with the prompt; null when it has none.</summary>
    public KvSlot? OwnOf(EpisodeId session, ReadOnlySpan<int> prompt)
    {
        KvSlot? best = null;
        var length = -1;
        foreach (var slot in _slots)
        {
            if (!slot.Busy && slot.Session == session && slot.Match(prompt) is var match && match > length)
            {
                best = slot;
                length = match;
            }
        }

        return best;
    }

    /// <summary>
    /// The slot whose KV, wholly of this version, agrees longest with the prompt, and for how many tokens; busy slots included.
    /// </summary>
    public (KvSlot? Slot, int Length) LongestPrefix(ReadOnlySpan<int> prompt, PolicyVersion version)
    {
        KvSlot? best = null;
        var length = 0;
        foreach (var slot in _shared.AsSpan())
        {
            Consider(slot, prompt);
        }

        foreach (var slot in _slots.AsSpan())
        {
            Consider(slot, prompt);
        }

        return (best, length);

        void Consider(KvSlot slot, ReadOnlySpan<int> prompt)
        {
            if (slot.Count > length && slot.Oldest == version && !slot.IsDiscarded && slot.Match(prompt) is var match && match > length)
            {
                best = slot;
                length = match;
            }
        }
    }

    /// <summary>A slot that nobody runs in: one without a session, else the session idle for longest; null when all are busy.</summary>
    public KvSlot? Vacate()
    {
        var slot = OldestIdle(_slots, slot => slot.Session is null) ?? OldestIdle(_slots, _ => true);
        if (slot?.Session is not null)
        {
            Evictions++;
            slot.Session = null;
        }

        return slot;
    }

    /// <summary>A slot for a shared prefix; null when all are being filled.</summary>
    public KvSlot? VacateShared() => OldestIdle(_shared, _ => true);

    public void Touch(KvSlot slot) => slot.LastUsed = ++_clock;

    /// <summary>Nobody will come back for this session's KV.</summary>
    public void Forget(EpisodeId session)
    {
        foreach (var slot in _slots)
        {
            if (slot.Session == session)
            {
                slot.Session = null;
            }
        }
    }

    /// <summary>The trainer went back to an older version: nothing that was computed so far is shared from now on.</summary>
    public void Discard()
    {
        foreach (var slot in _slots.Concat(_shared))
        {
            if (slot.Busy)
            {
                slot.IsDiscarded = true;
            }
            else
            {
                slot.Truncate(0);
                slot.Session = null;
            }
        }
    }

    private static KvSlot? OldestIdle(KvSlot[] slots, Func<KvSlot, bool> condition)
        => slots.Where(slot => !slot.Busy && condition(slot)).MinBy(slot => slot.LastUsed);
}
