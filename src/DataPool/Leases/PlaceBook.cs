using Forge.Core.Ring;
using Forge.DataPool.Hot;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Leases;

/// <summary>
/// Keeps the groups in flight with their open places: who plays each, which are offered again, and which groups have no attempts left.
/// Not thread-safe: the pool calls it under its lock.
/// </summary>
/// <remarks>
/// <code>
///              ticket                result
///   offered ───────────▶ played ───────────────▶ closed
///      ▲                   │ │
///      ├── lease lost,  ◀──┘ └──▶ the last attempt failed: doomed ──▶ the whole group is given up, once
///      │   handed back, or broken
///      └── with a new attempt, unless nobody was told of the present one
/// </code>
/// </remarks>
internal sealed class PlaceBook(TimeProvider time, DataPoolOptions options, long lastLease)
{
    private readonly SortedDictionary<long, PoolEntry> _inFlight = [];
    private readonly Dictionary<EpisodeId, PoolEntry> _running = [];
    private readonly Queue<GroupId> _offered = [];
    private readonly Queue<DeadLetter> _doomed = [];
    private long _ended;

    public LeaseTable Leases { get; } = new(time, options.LeaseDuration, lastLease);

    /// <summary>Groups in flight by dispatch index.</summary>
    public IReadOnlyDictionary<long, PoolEntry> InFlight => _inFlight;

    /// <summary>Places that nobody plays, in groups that are not given up.</summary>
    public int Offered => _offered.Count == 0 ? 0 : _inFlight.Values.Where(entry => !entry.IsDoomed).Sum(entry => entry.Offered.Count());

    public PoolEntry? Find(GroupId group) => _inFlight.GetValueOrDefault(group.Value);

    public PoolEntry? Find(EpisodeId episode) => _running.GetValueOrDefault(episode);

    public void Add(StoredGroup group)
    {
        var entry = new PoolEntry(group, time.GetTimestamp());
        _inFlight[group.Id.Value] = entry;
        foreach (var episode in entry.Remaining.Keys)
        {
            _running[episode] = entry;
        }
    }

    /// <summary>
    /// Goes on with the leases that a store remembers. When the process is new, the local worker died with the one before; another worker
    /// may live, and keeps what it has.
    /// </summary>
    /// <param name="entry">A group with its open places.</param>
    /// <param name="before">The leases as this process knew them; null when it is new.</param>
    /// <param name="shown">The leases as the process before this one last showed them; null when that is unknown: then each may live.</param>
    public void Restore(PoolEntry entry, LeaseTable? before, HotWindow? shown)
    {
        bool HasEnded(GroupLease lease) => before is null && (lease.Worker.IsLocal || shown?.HasEnded(lease.Token) == true);

        foreach (var place in entry.Remaining.Values.Where(place => place.Attempt.Lease is { } lease && HasEnded(lease)))
        {
            place.Offer(isFailure: false);
        }

        foreach (var held in entry.Remaining.Values.Where(place => !place.IsOffered).GroupBy(place => place.Attempt.Lease!))
        {
            var left = before is null ? Left(shown, held.Key.Token) : before.Left(held.Key);
            Leases.Hold(held.Key, entry.Group.Id, held.Select(place => place.Attempt.Id), left);
        }

        if (entry.Offered.Any())
        {
            Offer(entry.Group.Id);
        }
    }

    /// <summary>Puts a group in line for the next ticket; it is passed over when it lacks nothing by then.</summary>
    public void Offer(GroupId group) => _offered.Enqueue(group);

    public bool TryNextOffered(out PoolEntry? offered)
    {
        while (_offered.TryDequeue(out var id))
        {
            if (_inFlight.TryGetValue(id.Value, out offered) && !offered.IsDoomed && offered.Offered.Any())
            {
                return true;
            }
        }

        offered = null;
        return false;
    }

    /// <summary>Gives places to a new lease, as the store has them now, and the group a new deadline.</summary>
    public void Give(PoolEntry entry, GroupLease lease, IReadOnlyCollection<StoredEpisode> attempts)
    {
        entry.StartedAt = time.GetTimestamp();
        foreach (var attempt in attempts)
        {
            Replace(entry, attempt);
        }

        Leases.Hold(lease, entry.Group.Id, attempts.Select(attempt => attempt.Id));
    }

    /// <summary>Ends the leases whose time has passed: their places are offered again, and a group without attempts left is doomed.</summary>
    /// <param name="step">The version that is being built.</param>
    public bool ExpireLeases(PolicyVersion step)
    {
        var any = false;
        while (Leases.TryExpire(out var lease))
        {
            any = true;
            TakeAway(lease, isFailure: true, step);
        }

        return any;
    }

    public void Release(WorkerId worker, IEnumerable<long> tokens, PolicyVersion step)
    {
        foreach (var lease in Leases.Release(worker, tokens))
        {
            TakeAway(lease, isFailure: false, step);
        }
    }

    /// <summary>Decides what an episode's end means, before it is written.</summary>
    public Verdict Judge(EpisodeResult result, PolicyVersion step)
    {
        if (!result.IsBroken || !_running.TryGetValue(result.Episode, out var entry) || entry.IsDoomed)
        {
            return default;
        }

        var place = entry.Remaining[result.Episode];
        var attempt = place.Attempt;
        var failures = attempt.Failures + (IsOutage(result, place) ? 0 : 1);
        if (failures < options.MaxAttempts)
        {
            return new Verdict(attempt.NextAttempt(entry.Group.Id) with { Failures = failures }, null);
        }

        entry.IsDoomed = true;
        return new Verdict(null, new DeadLetter(
            entry.Group.Id, result.Episode, failures, result.Failure, $"{result.EndCause}: {result.Detail}", step));
    }

    /// <summary>An episode ended as it should.</summary>
    public void CountEnded() => _ended++;

    /// <summary>A group to give up, once; after a fault it is handed back to <see cref="Doom"/>.</summary>
    public bool TryNextDoomed(out DeadLetter letter) => _doomed.TryDequeue(out letter!);

    public void Doom(DeadLetter letter) => _doomed.Enqueue(letter);

    /// <summary>Takes a place's attempt off its lease and out of its group.</summary>
    public void Close(PoolEntry entry, EpisodeId episode)
    {
        _running.Remove(episode);
        if (entry.Remaining.Remove(episode, out var place) && place.Attempt.Lease is { } lease)
        {
            Leases.End(lease.Token, episode);
        }
    }

    public void Replace(PoolEntry entry, StoredEpisode attempt)
    {
        foreach (var earlier in entry.Remaining.Values.Where(place => place.Attempt.IndexInGroup == attempt.IndexInGroup).ToList())
        {
            Close(entry, earlier.Attempt.Id);
        }

        entry.Remaining[attempt.Id] = new OpenPlace(attempt, _ended);
        _running[attempt.Id] = entry;
    }

    public void Forget(GroupId group)
    {
        if (_inFlight.Remove(group.Value, out var entry))
        {
            entry.Remaining.Keys.ToList().ForEach(episode => Close(entry, episode));
        }
    }

    // The clock of a lease stands still while there is no pool to renew it with, and there is time for a renewal when there is one again.
    private TimeSpan? Left(HotWindow? shown, long token)
        => shown?.Leases.FirstOrDefault(lease => lease.Token == token)?.Left is { } left
            ? TimeSpan.FromTicks(Math.Clamp(left.Ticks, options.LeaseDuration.Ticks / 2, options.LeaseDuration.Ticks))
            : null;

    // Machinery that failed everybody says nothing about one task. When it serves others meanwhile, the task may be what breaks it.
    private bool IsOutage(EpisodeResult result, OpenPlace place) => result.Failure == FailureKind.Infrastructure && _ended == place.EndedBefore;

    private void TakeAway(Lease lease, bool isFailure, PolicyVersion step)
    {
        if (!_inFlight.TryGetValue(lease.Group.Value, out var entry))
        {
            return;
        }

        foreach (var place in lease.Remaining.Select(episode => entry.Remaining[episode]))
        {
            place.Offer(isFailure);
            if (place.Attempt.Failures >= options.MaxAttempts && !entry.IsDoomed)
            {
                entry.IsDoomed = true;
                Doom(new DeadLetter(
                    lease.Group, place.Attempt.Id, place.Attempt.Failures, FailureKind.Infrastructure,
                    $"lease_lost: worker {lease.Identity.Worker} did not renew its lease for {options.LeaseDuration}", step));
            }
        }

        Offer(lease.Group);
    }
}
