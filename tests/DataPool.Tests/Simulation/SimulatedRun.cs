using Forge.Core.Ring;
using Forge.DataPool.Checking;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>One history: a ring of workers, a pool and a trainer, all of which break for a while, and what the checker says about it.</summary>
internal sealed class SimulatedRun
{
    private static readonly TimeSpan HostileTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MostTime = TimeSpan.FromHours(2);

    private readonly SimulatedWorld _world;
    private readonly List<HistoryLine> _history = [];
    private readonly List<string> _findings = [];

    private SimulatedRun(int seed, Defect defect)
    {
        _world = new SimulatedWorld(seed);
        Defect = defect;
        var random = _world.Random;
        var batch = random.Next(1, 4);
        Options = new DataPoolOptions
        {
            GroupsPerBatch = batch,
            InFlight = batch + random.Next(0, 7),
            Window = random.Next(1, 7),
            MaxStaleness = random.Next(0, 4),
            LeaseDuration = defect == Defect.EternalLeases ? TimeSpan.FromDays(9) : TimeSpan.FromSeconds(10),
            GroupDeadline = defect == Defect.EternalLeases ? TimeSpan.FromDays(9) : TimeSpan.FromSeconds(random.Next(40, 400)),
        };
        EpisodesPerGroup = random.Next(1, 4);
        Leases = new LeaseWatch(_world, Options.LeaseDuration);
    }

    public Defect Defect { get; }

    public DataPoolOptions Options { get; }

    public int EpisodesPerGroup { get; }

    public LeaseWatch Leases { get; }

    public bool HasEnded { get; private set; }

    /// <summary>Plays the history of a seed.</summary>
    public static SimulatedOutcome Play(int seed, Defect defect = Defect.None)
    {
        var before = SynchronizationContext.Current;
        var run = new SimulatedRun(seed, defect);
        SynchronizationContext.SetSynchronizationContext(run._world);
        try
        {
            return run.Play();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Tell(IEnumerable<HistoryLine> lines) => _history.AddRange(lines);

    public void Fault() => _history.Add(new HistoryLine { Event = HistoryEvent.Fault });

    /// <summary>A group that reached the trainer.</summary>
    public void See(Group group)
    {
        if (group.Episodes.Length != EpisodesPerGroup || group.Episodes.Any(episode => episode.Result.IsBroken))
        {
            _findings.Add($"group {group.Id} reached the trainer with a place missing or broken");
        }
    }

    private SimulatedOutcome Play()
    {
        var ledger = new ModelLedger { Defect = Defect };
        var running = Defect == Defect.WiderWindow ? Copy(Options, Options.Window!.Value + 3) : Options;
        var redis = _world.Random.Next(4) == 0 ? null : new SimulatedRedis(_world, Defect);
        var pool = new SimulatedPool(_world, running, ledger, redis);
        var trainer = new SimulatedTrainer(_world, pool, this);
        var steps = _world.Random.Next(3, 7);
        var training = trainer.RunAsync(steps);
        var sampling = SampleAsync(pool);
        var peace = EndHostilitiesAsync();
        _world.Run(training, MostTime);
        HasEnded = true;
        Observe("trainer", training);
        Observe("workers", sampling);
        if (!training.IsCompleted)
        {
            _findings.Add($"the trainer hangs at step {trainer.Version} of {steps}, {MostTime} after the start ({ledger.Letters.Count} dead letters): {pool.Describe()}");
        }

        if (redis is not null)
        {
            ObserveWindow(pool, peace);
        }

        var check = new HistoryChecker(Options.Window!.Value).CheckAsync(_history, new ModelStore(ledger, _ => Task.CompletedTask), CancellationToken.None);
        _world.Run(check, TimeSpan.MaxValue);
        var report = check.GetAwaiter().GetResult();
        return new SimulatedOutcome(
            report with { Faults = report.Faults + pool.Faults + (redis?.Faults ?? 0) },
            [.. report.Findings, .. Leases.Findings, .. _findings],
            _history.Count,
            peace.IsCompleted);
    }

    private static DataPoolOptions Copy(DataPoolOptions options, int window) => new()
    {
        GroupsPerBatch = options.GroupsPerBatch,
        InFlight = options.InFlight,
        Window = window,
        MaxStaleness = options.MaxStaleness,
        LeaseDuration = options.LeaseDuration,
        GroupDeadline = options.GroupDeadline,
    };

    private async Task EndHostilitiesAsync()
    {
        while (_world.Time.Now < HostileTime)
        {
            await _world.DelayAsync(5);
        }

        _world.IsHostile = false;
    }

    // A supervisor: whoever dies is replaced, under a new name.
    private async Task SampleAsync(SimulatedPool pool)
    {
        var born = 0;
        await Task.WhenAll(Enumerable.Range(0, _world.Random.Next(1, 4)).Select(async _ =>
        {
            while (!HasEnded)
            {
                await new SimulatedWorker(_world, pool, this, $"w{born++}").RunAsync();
                await _world.DelayAsync(4);
            }
        }));
    }

    // Whatever became of Redis: in peace, the window is back.
    private void ObserveWindow(SimulatedPool pool, Task peace)
    {
        _findings.AddRange(pool.MirrorFaults.Select(fault => $"the window's mirror broke: {fault}"));
        _world.Run(peace, MostTime);
        var shown = pool.IsShownAsync();
        _world.Run(shown, MostTime);
        for (var left = _world.Time.Now + TimeSpan.FromSeconds(10); !(shown.IsCompleted && shown.Result) && _world.Time.Now < left;)
        {
            shown = pool.IsShownAsync();
            _world.Run(shown, left);
        }

        if (!(shown.IsCompleted && shown.Result))
        {
            _findings.Add($"the window is not shown ten seconds after pool and Redis work again: {pool.Describe()}");
        }
    }

    private void Observe(string who, Task task)
    {
        if (task.Exception?.InnerException is { } fault)
        {
            _findings.Add($"{who} broke: {fault}");
        }
    }
}
