using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Hot;
using Forge.DataPool.Leases;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>
/// Joins the windowed FIFO, the admission rule, the leases and the clock, and logs every decision. Not thread-safe: <see cref="DataPool"/> calls
/// it under its lock.
/// </summary>
internal sealed class PoolSchedule
{
    private readonly DataPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<ScheduleEvent> _log;
    private readonly AdmissionRule _admission;
    private readonly WindowedFifo _fifo;
    private readonly BlockedClock _blocked;
    private readonly Dictionary<long, ScheduleEventKind> _lastEvents = [];
    private long _expired;
    private long _deadLetters;
    private long _late;
    private bool _paced;
    private long _movedAt;
    private double _trainedLagMean;
    private long _trainedLagMax;

    /// <param name="options">The four numbers, and how long leases last.</param>
    /// <param name="time">The clock.</param>
    /// <param name="snapshot">What the store remembers.</param>
    /// <param name="log">Takes every decision.</param>
    /// <param name="before">The schedule that this one replaces within a process; null at its start, when the local worker's leases are void.</param>
    /// <param name="shown">What the process before this one showed last; null when that is unknown.</param>
    public PoolSchedule(
        DataPoolOptions options, TimeProvider time, PoolSnapshot snapshot, Action<ScheduleEvent> log, PoolSchedule? before = null, HotWindow? shown = null)
    {
        _options = options;
        _time = time;
        _movedAt = time.GetTimestamp();
        _log = log;
        _blocked = new BlockedClock(time);
        Places = new PlaceBook(time, options, snapshot.LastLease);
        _admission = new AdmissionRule(options.InFlight, options.ResolvedWindow, options.GroupsPerBatch, options.MaxStaleness);
        _fifo = Recorded(options.ResolvedWindow, snapshot, before);
        Version = snapshot.Version;
        _expired = snapshot.Expired;
        _deadLetters = snapshot.DeadLetters;
        CatchUp(snapshot, before);
        foreach (var group in snapshot.InFlight)
        {
            Places.Add(group);
            Places.Restore(Places.Find(group.Id)!, before?.Places.Leases, shown);
        }

        if (before is not null)
        {
            GoOnFrom(before);
        }

        _blocked.Update(_fifo.IsBlocked);
    }

    public PolicyVersion Version { get; private set; }

    /// <summary>The groups in flight, and who plays what.</summary>
    public PlaceBook Places { get; }

    public GroupId NextIndex => new(_fifo.Dispatched);

    public WindowStatus Status
    {
        get
        {
            var figures = Figures;
            var still = _time.GetElapsedTime(_movedAt);
            return still < _options.StallAfter ? figures : figures with { Stall = StallDiagnosis.Of(figures, Places, _options, _paced, still) };
        }
    }

    private WindowStatus Figures => new(
        _fifo.Head,
        _fifo.Dispatched,
        _fifo.InFlight,
        _fifo.Running,
        _fifo.FinishedInWindow,
        _fifo.FinishedOutside,
        Places.InFlight.TryGetValue(_fifo.Head, out var head) ? _time.GetElapsedTime(head.StartedAt) : TimeSpan.Zero,
        _blocked.Total,
        _fifo.Window,
        _expired,
        _late)
    {
        Leases = Places.Leases.Count,
        LostLeases = Places.Leases.Lost,
        DeadLetters = _deadLetters,
    };

    public StalenessStatus Staleness
    {
        get
        {
            var lags = Places.InFlight.Values.Select(Lag).DefaultIfEmpty(0).ToList();
            return new StalenessStatus(Version.Value, _trainedLagMean, _trainedLagMax, lags.Average(), lags.Max(), _paced);
        }
    }

    /// <summary>True when a ticket may be given out now: for a group with places that nobody plays when there is one, else for a new group.</summary>
    public bool TryAdmit(out PoolEntry? offered)
    {
        if (Places.TryNextOffered(out offered))
        {
            return true;
        }

        var inFlight = Places.InFlight.Select(
            pair => new InFlightGroup(pair.Key, pair.Value.Group.DispatchedAt.Value, _fifo.IsTaken(pair.Key))).ToList();
        var admission = _admission.Decide(inFlight, _fifo.Dispatched, Version.Value);
        _paced = admission.Outcome == AdmissionOutcome.WouldGrowStale;
        return admission.IsAdmitted;
    }

    public void Add(StoredGroup group, GroupLease lease)
    {
        if (group.Id < NextIndex)
        {
            // It was found in the store meanwhile.
            return;
        }

        _fifo.Dispatch();
        Places.Add(group);
        Places.Leases.Hold(lease, group.Id, group.Episodes.Select(episode => episode.Id));
        Record(ScheduleEventKind.Dispatched, group.Id.Value);
    }

    /// <summary>Follows what the store answered to an episode's end.</summary>
    public void Settle(EpisodeId episode, Receipt receipt, Verdict verdict)
    {
        if (receipt == Receipt.Stale)
        {
            _late++;
        }
        else if (Places.Find(episode) is { } entry && verdict.Letter is null)
        {
            Places.Close(entry, episode);
            if (verdict.Next is { } next)
            {
                Places.Replace(entry, next);
                Places.Offer(entry.Group.Id);
                return;
            }

            Places.CountEnded();
            if (entry.Remaining.Count == 0 && !entry.IsDoomed)
            {
                _fifo.Finish(entry.Group.Id.Value);
                Record(ScheduleEventKind.Finished, entry.Group.Id.Value);
            }
        }
    }

    public long Count(Receipt receipt)
    {
        _movedAt = _time.GetTimestamp();
        return receipt == Receipt.Stale ? ++_late : _late;
    }

    /// <summary>Follows what the store answered to giving up a group: what its episodes still send comes too late.</summary>
    public void GiveUp(GroupId group, Receipt receipt)
    {
        if (receipt == Receipt.Stale)
        {
            // A newer attempt has the place, so the group is as it was.
            Places.Find(group)?.IsDoomed = false;
        }
        else if (_fifo.IsRunning(group.Value))
        {
            Places.Forget(group);
            _fifo.GiveUp(group.Value);
            _expired++;
            _deadLetters++;
            Record(ScheduleEventKind.GivenUp, group.Value);
        }
    }

    public TakeDecision Take()
    {
        if (_fifo.TryTake(out var index))
        {
            Record(ScheduleEventKind.Taken, index);
            return new TakeDecision(new GroupId(index), null, null);
        }

        if (!_fifo.IsHeadRunning || Places.InFlight[_fifo.Head].IsDoomed)
        {
            return default;
        }

        var head = Places.InFlight[_fifo.Head];
        var left = _options.GroupDeadline - _time.GetElapsedTime(head.StartedAt);
        if (left > TimeSpan.Zero)
        {
            return new TakeDecision(null, null, left);
        }

        head.IsDoomed = true;
        var reason = $"not finished {_options.GroupDeadline} after its dispatch ({head.Remaining.Count} episodes still running)";
        return new TakeDecision(null, new Consumption(head.Group.Id, ConsumptionKind.Failed, Version.Next, Position: 0, reason), null);
    }

    /// <summary>Forgets a head beyond its deadline, once that is written.</summary>
    public void Expire(GroupId head)
    {
        if (_fifo.IsRunning(head.Value))
        {
            Places.Forget(head);
            _fifo.GiveUp(head.Value);
            _expired++;
            Record(ScheduleEventKind.Expired, head.Value);
        }
    }

    /// <summary>True when the group has left the pool.</summary>
    public bool IsConsumed(GroupId group) => group.Value < _fifo.Dispatched && !Places.InFlight.ContainsKey(group.Value);

    /// <summary>Returns the newest acknowledged version.</summary>
    /// <exception cref="InvalidOperationException">One of the groups is not taken.</exception>
    public PolicyVersion RequireTaken(IEnumerable<GroupId> groups)
    {
        foreach (var group in groups.Where(group => !_fifo.IsTaken(group.Value)))
        {
            throw new InvalidOperationException($"Group {group} is not taken: take it before acknowledging or skipping it.");
        }

        return Version;
    }

    /// <summary>Takes groups that an earlier life of the pool took and trained, and this one only finds finished.</summary>
    public void Retake(IEnumerable<GroupId> groups)
    {
        foreach (var group in groups.Where(group => _fifo.IsFinished(group.Value)))
        {
            _fifo.Retake(group.Value);
            Record(ScheduleEventKind.Retaken, group.Value);
        }
    }

    /// <summary>Forgets taken groups; with the version that they published when they were trained.</summary>
    public void Consume(IReadOnlyList<GroupId> groups, PolicyVersion? published)
    {
        if (published is { } version)
        {
            var lags = groups.Select(Places.Find).OfType<PoolEntry>()
                .Select(entry => Math.Max(0, version.Value - 1 - entry.Group.DispatchedAt.Value)).ToList();
            _trainedLagMean = lags.Count > 0 ? lags.Average() : 0;
            _trainedLagMax = lags.Count > 0 ? lags.Max() : 0;
            Version = version;
        }

        // One that is not taken was found consumed in the store meanwhile.
        foreach (var group in groups.Where(group => _fifo.IsTaken(group.Value)))
        {
            _fifo.Consume(group.Value);
            Places.Forget(group);
            Record(ScheduleEventKind.Consumed, group.Value);
            _lastEvents.Remove(group.Value);
        }
    }

    /// <summary>Makes a taken group available again, unless a recovery did so meanwhile.</summary>
    public void Return(GroupId group)
    {
        if (_fifo.IsTaken(group.Value))
        {
            PutBack(group);
        }
    }

    /// <summary>Makes available what steps after <paramref name="version"/> trained, and all that is taken.</summary>
    public void Recover(IReadOnlyCollection<StoredGroup> putBack, PolicyVersion version)
    {
        Version = version;

        // One that is in flight was found in the store meanwhile.
        foreach (var group in putBack.Where(group => IsConsumed(group.Id)))
        {
            Places.Add(group);
            PutBack(group.Id);
        }

        foreach (var index in Places.InFlight.Keys.Where(_fifo.IsTaken).ToList())
        {
            PutBack(new GroupId(index));
        }
    }

    private void PutBack(GroupId group)
    {
        _fifo.PutBack(group.Value);
        Record(ScheduleEventKind.PutBack, group.Value);
    }

    // After a write of unknown outcome: what was taken stays taken, and counters go on.
    private void GoOnFrom(PoolSchedule before)
    {
        (_late, _trainedLagMean, _trainedLagMax) = (before._late, before._trainedLagMean, before._trainedLagMax);
        Places.Leases.Lost = before.Places.Leases.Lost;
    }

    // The record is written behind: the store may not know its end yet.
    private ScheduleEventKind LastEvent(GroupId group)
        => _lastEvents.TryGetValue(group.Value, out var kind) ? kind
            : IsConsumed(group) ? ScheduleEventKind.Consumed
            : ScheduleEventKind.Unspecified;

    private long Lag(PoolEntry entry) => Math.Max(0, Version.Value - entry.Group.DispatchedAt.Value);

    // The window as the schedule's record has it: written behind the decisions, so a crash may have cut its end.
    private static WindowedFifo Recorded(int window, PoolSnapshot snapshot, PoolSchedule? before)
    {
        var last = snapshot.InFlight.ToLookup(
            group => before?.LastEvent(group.Id) ?? group.LastEvent,
            group => group.Id.Value);
        return WindowedFifo.Restore(
            window,
            snapshot.Dispatched - last[ScheduleEventKind.Unspecified].Count(),
            last[ScheduleEventKind.Dispatched].Concat(GivenUpUnrecorded(snapshot, before).Select(group => group.Value)),
            last[ScheduleEventKind.Finished].Concat(last[ScheduleEventKind.PutBack]),
            last[ScheduleEventKind.Taken].Concat(last[ScheduleEventKind.Retaken]));
    }

    private static IEnumerable<GroupId> GivenUpUnrecorded(PoolSnapshot snapshot, PoolSchedule? before)
        => before is null
            ? snapshot.GivenUpUnrecorded
            : before.Places.InFlight.Keys.Where(before._fifo.IsRunning).Select(index => new GroupId(index))
                .Except(snapshot.InFlight.Select(group => group.Id)).ToList();

    // Brings the record, and with it the window, to what the store says. A group that was taken before a restart is available again.
    private void CatchUp(PoolSnapshot snapshot, PoolSchedule? before)
    {
        foreach (var group in GivenUpUnrecorded(snapshot, before))
        {
            _fifo.GiveUp(group.Value);
            Record(ScheduleEventKind.GivenUp, group.Value);
        }

        foreach (var group in snapshot.InFlight)
        {
            var last = before?.LastEvent(group.Id) ?? group.LastEvent;
            _lastEvents[group.Id.Value] = last;
            if (last == ScheduleEventKind.Unspecified)
            {
                _fifo.Dispatch();
                Record(ScheduleEventKind.Dispatched, group.Id.Value);
            }

            if (group.IsFinished && _fifo.IsRunning(group.Id.Value))
            {
                _fifo.Finish(group.Id.Value);
                Record(ScheduleEventKind.Finished, group.Id.Value);
            }
            else if (group.IsFinished && !_fifo.IsFinished(group.Id.Value) && before?._fifo.IsTaken(group.Id.Value) != true)
            {
                PutBack(group.Id);
            }
        }
    }

    private void Record(ScheduleEventKind kind, long index)
    {
        _blocked.Update(_fifo.IsBlocked);
        _lastEvents[index] = kind;
        _movedAt = _time.GetTimestamp();
        _log(new ScheduleEvent(kind, index, _fifo.Head));
    }
}
