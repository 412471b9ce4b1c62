using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Forge.Core.Ring;
using Forge.DataPool.Hot;

namespace Forge.DataPool.Leases;

/// <summary>
/// Knows which worker holds which ticket, and until when. A lease ends when its last episode has a result, when its worker hands it back,
/// or when its time passes; the local worker's have no time. Not thread-safe: the pool calls it under its lock.
/// </summary>
/// <param name="time">The clock; only its monotonic part is used, so a change of the machine's date ends no lease.</param>
/// <param name="duration">How long a lease lasts from its grant and from each renewal.</param>
/// <param name="lastToken">The highest token ever given out in the run.</param>
internal sealed class LeaseTable(TimeProvider time, TimeSpan duration, long lastToken)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly SortedDictionary<long, Lease> _leases = [];
    private readonly SortedSet<(TimeSpan Deadline, long Token)> _deadlines = [];
    private long _lastToken = lastToken;

    public int Count => _leases.Count;

    /// <summary>The highest token that was ever held.</summary>
    public long LastHeld { get; private set; } = lastToken;

    /// <summary>Leases that passed without being renewed.</summary>
    public long Lost { get; set; }

    /// <summary>Until the next lease passes; null when none has a limit.</summary>
    public TimeSpan? UntilNext
        => _deadlines.Count == 0 ? null : TimeSpan.FromTicks(Math.Max(0, (_deadlines.Min.Deadline - Now).Ticks));

    private TimeSpan Now => time.GetElapsedTime(_origin);

    public TimeSpan DurationFor(WorkerId worker) => worker.IsLocal ? Timeout.InfiniteTimeSpan : duration;

    /// <summary>The identity of the next lease; it is not held before <see cref="Hold"/>.</summary>
    public GroupLease Next(WorkerId worker) => new(++_lastToken, worker);

    /// <param name="identity">Of the lease.</param>
    /// <param name="group">Whose episodes.</param>
    /// <param name="episodes">What the ticket names.</param>
    /// <param name="left">Less than a full duration, when some of it passed before the pool was opened.</param>
    public void Hold(GroupLease identity, GroupId group, IEnumerable<EpisodeId> episodes, TimeSpan? left = null)
    {
        if (_leases.TryGetValue(identity.Token, out var known))
        {
            // Found in the store meanwhile.
            Drop(known);
        }

        var lease = new Lease(identity, group, episodes);
        _leases[identity.Token] = lease;
        LastHeld = Math.Max(LastHeld, identity.Token);
        Extend(lease, left ?? duration);
    }

    /// <summary>Returns the tokens that the worker does not hold (any more).</summary>
    public ImmutableArray<long> Renew(WorkerId worker, IEnumerable<long> tokens)
    {
        var lost = ImmutableArray.CreateBuilder<long>();
        foreach (var token in tokens)
        {
            if (TryGet(worker, token, out var lease))
            {
                Extend(lease, duration);
            }
            else
            {
                lost.Add(token);
            }
        }

        return lost.ToImmutable();
    }

    /// <summary>Ends leases before their time and returns those that there were.</summary>
    public IReadOnlyList<Lease> Release(WorkerId worker, IEnumerable<long> tokens)
    {
        var released = tokens.Select(token => TryGet(worker, token, out var lease) ? lease : null).OfType<Lease>().ToList();
        released.ForEach(Drop);
        return released;
    }

    /// <summary>A lease of the worker that it does not know of: the answer with its ticket was lost.</summary>
    public Lease? Undelivered(WorkerId worker, ImmutableArray<long> held)
        => worker.IsLocal ? null : _leases.Values.FirstOrDefault(lease => lease.Identity.Worker == worker && !held.Contains(lease.Identity.Token));

    /// <summary>Removes one lease whose time has passed, the one that passed first.</summary>
    public bool TryExpire([NotNullWhen(true)] out Lease? lease)
    {
        lease = null;
        if (_deadlines.Count == 0 || _deadlines.Min.Deadline > Now)
        {
            return false;
        }

        lease = _leases[_deadlines.Min.Token];
        Drop(lease);
        Lost++;
        return true;
    }

    /// <summary>How long a lease has left; null when there is none, or it has no limit.</summary>
    public TimeSpan? Left(GroupLease identity)
        => TryGet(identity.Worker, identity.Token, out var lease) && lease.Deadline < TimeSpan.MaxValue ? lease.Deadline - Now : null;

    /// <summary>Takes an episode off its lease, which ends with its last one.</summary>
    public void End(long token, EpisodeId episode)
    {
        if (_leases.TryGetValue(token, out var lease) && lease.Remaining.Remove(episode) && lease.Remaining.Count == 0)
        {
            Drop(lease);
        }
    }

    public ImmutableArray<HotLease> Show()
    {
        var now = Now;
        return [.. _leases.Values.Select(lease => new HotLease(
            lease.Identity.Token,
            lease.Identity.Worker.Value,
            lease.Group.Value,
            lease.Remaining.Count,
            lease.Deadline == TimeSpan.MaxValue ? null : lease.Deadline - now))];
    }

    private bool TryGet(WorkerId worker, long token, [NotNullWhen(true)] out Lease? lease)
        => _leases.TryGetValue(token, out lease) && lease.Identity.Worker == worker;

    private void Extend(Lease lease, TimeSpan by)
    {
        if (lease.Identity.Worker.IsLocal)
        {
            return;
        }

        _deadlines.Remove((lease.Deadline, lease.Identity.Token));
        lease.Deadline = Now + by;
        _deadlines.Add((lease.Deadline, lease.Identity.Token));
    }

    private void Drop(Lease lease)
    {
        _leases.Remove(lease.Identity.Token);
        _deadlines.Remove((lease.Deadline, lease.Identity.Token));
    }
}
