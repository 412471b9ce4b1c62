using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>
/// Joins the windowed FIFO, the admission rule and the clock, and logs every decision. Not thread-safe: <see cref="DataPool"/> calls
/// it under its lock.
/// </summary>
internal sealed class PoolSchedule
{
    private readonly DataPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<ScheduleEvent> _log;
    private readonly AdmissionRule _admission;
    private readonly WindowedFifo _fifo;
    private readonly SortedDictionary<long, PoolEntry> _inFlight = [];
    private readonly Dictionary<EpisodeId, PoolEntry> _running = [];
    private readonly Queue<GroupId> _orphans = [];
    private readonly BlockedClock _blocked;
    private long _expired;
    private long _late;
    private bool _paced;
    private double _trainedLagMean;
    private long _trainedLagMax;

    public PoolSchedule(DataPoolOptions options, TimeProvider time, PoolSnapshot snapshot, Action<ScheduleEvent> log)
    {
        _options = options;
        _time = time;
        _log = log;
        _blocked = new BlockedClock(time);
        _admission = new AdmissionRule(options.InFlight, options.ResolvedWindow, options.GroupsPerBatch, options.MaxStaleness);
        _fifo = WindowedFifo.Restore(
            options.ResolvedWindow,
            snapshot.Dispatched,
            snapshot.InFlight.Where(group => !group.IsFinished).Select(group => group.Id.Value),
            snapshot.InFlight.Where(group => group.IsFinished).Select(group => group.Id.Value));
        Version = snapshot.Version;
        _expired = snapshot.Expired;
        foreach (var group in snapshot.InFlight)
        {
            Remember(group);
            LogWhatACrashLost(group);
        }

        _blocked.Update(_fifo.IsBlocked);
    }

    public PolicyVersion Version { get; private set; }

    public long NextIndex => _fifo.Dispatched;

    public WindowStatus Status => new(
        _fifo.Head,
        _fifo.Dispatched,
        _fifo.InFlight,
        _fifo.Running,
        _fifo.FinishedInWindow,
        _fifo.FinishedOutside,
        _inFlight.TryGetValue(_fifo.Head, out var head) ? _time.GetElapsedTime(head.StartedAt) : TimeSpan.Zero,
        _blocked.Total,
        _fifo.Window,
        _expired,
        _late);

    public StalenessStatus Staleness
    {
        get
        {
            var lags = _inFlight.Values.Select(Lag).DefaultIfEmpty(0).ToList();
            return new StalenessStatus(Version.Value, _trainedLagMean, _trainedLagMax, lags.Average(), lags.Max(), _paced);
        }
    }

    /// <summary>True when a group may be dispatched now: an orphan of a crash when there is one, else a new group.</summary>
    public bool TryAdmit(out StoredGroup? orphan)
    {
        orphan = null;
        while (_orphans.TryDequeue(out var id))
        {
            if (_fifo.IsRunning(id.Value))
            {
                orphan = _inFlight[id.Value].Group;
                return true;
            }
        }

        var inFlight = _inFlight.Select(
            pair => new InFlightGroup(pair.Key, pair.Value.Group.DispatchedAt.Value, _fifo.IsTaken(pair.Key))).ToList();
        var admission = _admission.Decide(inFlight, _fifo.Dispatched, Version.Value);
        _paced = admission.Outcome == AdmissionOutcome.WouldGrowStale;
        return admission.IsAdmitted;
    }

    public void Add(StoredGroup group)
    {
        _fifo.Dispatch();
        Remember(group);
        Record(ScheduleEventKind.Dispatched, group.Id.Value);
    }

    /// <summary>Gives an orphan its new attempts and a new deadline.</summary>
    public void Restart(GroupId id, IReadOnlyList<StoredEpisode> attempts)
    {
        var entry = _inFlight[id.Value];
        entry.StartedAt = _time.GetTimestamp();
        foreach (var lost in entry.Remaining)
        {
            _running.Remove(lost);
        }

        entry.Remaining.Clear();
        foreach (var attempt in attempts)
        {
            entry.Remaining.Add(attempt.Id);
            _running[attempt.Id] = entry;
        }
    }

    public void Finish(EpisodeId episode)
    {
        if (!_running.Remove(episode, out var entry))
        {
            _late++;
            return;
        }

        entry.Remaining.Remove(episode);
        if (entry.Remaining.Count == 0)
        {
            _fifo.Finish(entry.Group.Id.Value);
            Record(ScheduleEventKind.Finished, entry.Group.Id.Value);
        }
    }

    public void CountLate(EpisodeId episode) => _late += _running.ContainsKey(episode) ? 0 : 1;

    public TakeDecision Take()
    {
        if (_fifo.TryTake(out var index))
        {
            Record(ScheduleEventKind.Taken, index);
            return new TakeDecision(new GroupId(index), null, null);
        }

        if (!_fifo.IsHeadRunning)
        {
            return default;
        }

        var left = _options.GroupDeadline - _time.GetElapsedTime(_inFlight[_fifo.Head].StartedAt);
        return left > TimeSpan.Zero ? new TakeDecision(null, null, left) : new TakeDecision(null, ExpireHead(), null);
    }

    public void RequireTaken(GroupId group)
    {
        if (!_fifo.IsTaken(group.Value))
        {
            throw new InvalidOperationException($"Group {group} is not taken: take it before acknowledging or skipping it.");
        }
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
            var lags = groups.Select(group => Math.Max(0, version.Value - 1 - _inFlight[group.Value].Group.DispatchedAt.Value)).ToList();
            _trainedLagMean = lags.Count > 0 ? lags.Average() : 0;
            _trainedLagMax = lags.Count > 0 ? lags.Max() : 0;
            Version = version;
        }

        foreach (var group in groups)
        {
            _fifo.Consume(group.Value);
            _inFlight.Remove(group.Value);
            Record(ScheduleEventKind.Consumed, group.Value);
        }
    }

    public void PutBack(GroupId group)
    {
        _fifo.PutBack(group.Value);
        Record(ScheduleEventKind.PutBack, group.Value);
    }

    public void Recover(IReadOnlyCollection<StoredGroup> putBack, PolicyVersion version)
    {
        Version = version;
        foreach (var group in putBack)
        {
            Remember(group);
            PutBack(group.Id);
        }

        foreach (var index in _inFlight.Keys.Where(_fifo.IsTaken).ToList())
        {
            PutBack(new GroupId(index));
        }
    }

    private long Lag(PoolEntry entry) => Math.Max(0, Version.Value - entry.Group.DispatchedAt.Value);

    private void Remember(StoredGroup group)
    {
        var entry = new PoolEntry(group, _time.GetTimestamp());
        _inFlight[group.Id.Value] = entry;
        foreach (var episode in entry.Remaining)
        {
            _running[episode] = entry;
        }
    }

    // The record is written behind the decisions, so a crash may have cut its end.
    private void LogWhatACrashLost(StoredGroup group)
    {
        if (group.LastEvent == ScheduleEventKind.Unspecified)
        {
            Record(ScheduleEventKind.Dispatched, group.Id.Value);
        }

        if (!group.IsFinished)
        {
            _orphans.Enqueue(group.Id);
        }
        else if (group.LastEvent is ScheduleEventKind.Unspecified or ScheduleEventKind.Dispatched)
        {
            Record(ScheduleEventKind.Finished, group.Id.Value);
        }
        else if (group.LastEvent is ScheduleEventKind.Taken or ScheduleEventKind.Consumed)
        {
            Record(ScheduleEventKind.PutBack, group.Id.Value);
        }
    }

    private Consumption ExpireHead()
    {
        var id = new GroupId(_fifo.ExpireHead());
        var entry = _inFlight[id.Value];
        foreach (var episode in entry.Remaining)
        {
            _running.Remove(episode);
        }

        _inFlight.Remove(id.Value);
        _expired++;
        Record(ScheduleEventKind.Expired, id.Value);
        var reason = $"not finished {_options.GroupDeadline} after its dispatch ({entry.Remaining.Count} episodes still running)";
        return new Consumption(id, ConsumptionKind.Failed, Version.Next, Position: 0, reason);
    }

    private void Record(ScheduleEventKind kind, long index)
    {
        _blocked.Update(_fifo.IsBlocked);
        _log(new ScheduleEvent(kind, index, _fifo.Head));
    }
}
