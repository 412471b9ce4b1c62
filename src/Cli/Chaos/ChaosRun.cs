using Forge.Cli.Composition;
using Forge.Cli.Runs;
using Forge.Hosting.Faults;
using Forge.Hosting.Injection;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Hosting.Services;

namespace Forge.Cli.Chaos;

/// <summary>Runs the services apart, injects faults, lets the run end, and holds its ledger to what was acknowledged.</summary>
/// <remarks>
/// <code>
/// start ─▶ first step ─▶ a fault every 20 s … ─▶ the last fault: the trainer is killed, and its successor ─▶ last step ─▶ check
///                                               finds in the run file how many steps are left
/// </code>
/// FOLDER/run is the run (on a small disk of its own where that is possible), FOLDER/history what was acknowledged, FOLDER/report.json the report.
/// </remarks>
internal sealed class ChaosRun(RunFile run, ChaosRequest request, Action<string> say)
{
    private const long StepsAtTheEnd = 20;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(5);

    private readonly string _run = Path.Combine(request.Folder, "run");
    private readonly string _history = Path.Combine(request.Folder, "history");
    private readonly List<InjectedFault> _injected = [];
    private readonly List<string> _findings = [];
    private long _steps;

    public async Task<ChaosReport> RunAsync(CancellationToken stop, CancellationToken stopNow)
    {
        var disk = SmallDisk.IsPossible ? new SmallDisk(_run) : null;
        if (disk is not null)
        {
            await disk.MountAsync(stop);
        }

        DateTimeOffset? ended;
        try
        {
            DistributedRun.Prepare(run, _run);
            ended = await PlayAsync(disk, stop, stopNow);
            stop.ThrowIfCancellationRequested();
            return await JudgeAsync(disk, ended, stop);
        }
        finally
        {
            if (disk is not null)
            {
                await disk.KeepAsync(CancellationToken.None);
            }
        }
    }

    // Returns when the run ended by itself; null when it did not.
    private async Task<DateTimeOffset?> PlayAsync(SmallDisk? disk, CancellationToken stop, CancellationToken stopNow)
    {
        var proxies = Enum.GetValues<ServiceName>().ToDictionary(service => service, service => new SocketProxy(Socket(service), Path.Combine(_run, Own(service))));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            foreach (var proxy in proxies.Values)
            {
                proxy.Start();
            }

            var supervising = DistributedRun.SuperviseAsync(
                run, _run, service => ["--set", $"services.{ServiceNames.Of(service)}=unix:{Own(service)}"], say, end.Token, stopNow);
            using var running = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _ = supervising.ContinueWith(_ => running.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await TormentAsync(new FaultInjector(_run, proxies, disk), disk is not null, running.Token);
            return await EndAsync(supervising, end);
        }
        finally
        {
            foreach (var proxy in proxies.Values)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    private async Task TormentAsync(FaultInjector injector, bool hasDisk, CancellationToken running)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(running);
        var watch = new ProgressWatch(_history, _run);
        var following = watch.FollowAsync(watching.Token);
        try
        {
            var begin = await watch.TurnsAfterAsync(DateTimeOffset.MinValue, running).WaitAsync(StartLimit, running);
            say($"The ring turns: {request.Plan(hasDisk).Length} faults in {request.Minutes:0.#} minutes, seed {request.Seed}.");
            await Task.WhenAll(request.Plan(hasDisk).Select(fault => InjectAsync(injector, watch, fault, begin, running)));
            await SetGoalAsync(injector, watch, begin, running);
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested)
        {
            // The run has ended, or is asked to.
        }
        catch (TimeoutException)
        {
            _findings.Add($"the run made no step within {StartLimit.TotalMinutes} minutes of its start; see its logs");
        }
        finally
        {
            await watching.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task InjectAsync(FaultInjector injector, ProgressWatch watch, PlannedFault fault, DateTimeOffset begin, CancellationToken running)
    {
        var wait = begin + fault.At - TimeProvider.System.GetUtcNow();
        await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, running);
        await NoteAsync(watch, fault.Name, begin, () => injector.InjectAsync(fault, running), running);
    }

    private async Task NoteAsync(ProgressWatch watch, string name, DateTimeOffset begin, Func<Task> inject, CancellationToken running)
    {
        var now = TimeProvider.System;
        var started = now.GetUtcNow();
        say($"FAULT {name} at step {watch.Step}");
        await inject();
        var over = now.GetUtcNow();
        var injected = new InjectedFault(name, Rounded(started - begin), Rounded(over - started)) { Over = over };
        lock (_injected)
        {
            _injected.Add(injected);
        }

        try
        {
            injected.RecoverySeconds = Rounded(await watch.TurnsAfterAsync(over, running).WaitAsync(RecoveryLimit, running) - over);
            say($"recovered from {name} within {injected.RecoverySeconds} s");
        }
        catch (TimeoutException)
        {
            lock (_findings)
            {
                _findings.Add($"{name}: the ring did not turn again within {RecoveryLimit.TotalMinutes} minutes");
            }
        }
    }

    // The successor of a killed trainer reads the run file again.
    private async Task SetGoalAsync(FaultInjector injector, ProgressWatch watch, DateTimeOffset begin, CancellationToken running)
    {
        _steps = watch.Step + StepsAtTheEnd;
        var path = Path.Combine(_run, "run.yaml");
        var last = RunFile.Load(path, [$"trainer.steps={_steps}"], ForgeRunSchema.Create(), Environment.GetEnvironmentVariable);
        RunDirectory.Write(path, last.Resolved);
        say($"The last step is {_steps}.");
        await NoteAsync(watch, $"kill {ServiceNames.Of(ServiceName.Trainer)}", begin, () => injector.KillAsync(ServiceName.Trainer, running), running);
    }

    private async Task<DateTimeOffset?> EndAsync(Task<ExitCode> supervising, CancellationTokenSource end)
    {
        try
        {
            if (_steps == 0 && _findings.Count > 0)
            {
                await end.CancelAsync();
            }

            var exit = await supervising.WaitAsync(EndLimit);
            if (exit == ExitCode.Success && _steps > 0)
            {
                return TimeProvider.System.GetUtcNow();
            }

            _findings.Add($"the run ended with {exit} before its last step; see {Path.Combine(_run, "logs")}");
        }
        catch (TimeoutException)
        {
            _findings.Add($"the run did not reach its last step within {EndLimit.TotalMinutes} minutes of the last fault");
            await end.CancelAsync();
            await supervising;
        }

        return null;
    }

    private async Task<ChaosReport> JudgeAsync(SmallDisk? disk, DateTimeOffset? ended, CancellationToken stop)
    {
        var (found, counts) = await LedgerCheck.RunAsync(run, _run, _history, stop);
        var isThrough = ended is not null && found.LastStep == _steps && _injected.TrueForAll(fault => fault.RecoverySeconds is not null || fault == _injected[^1]);
        var lastFault = _injected.Count > 0 ? _injected.Max(fault => fault.Over) : DateTimeOffset.MinValue;
        var report = new ChaosReport
        {
            Faults = _injected.Count,
            AckedLost = found.AckedLost,
            TrainedTwice = found.TrainedTwice,
            Skipped = found.Skipped,
            OrderViolations = found.OrderViolations,
            LogHoles = found.LogHoles,
            LastStep = found.LastStep,
            Ok = found.Ok && isThrough && _findings.Count == 0,
            StaleKept = found.StaleKept,
            Seed = request.Seed,
            Minutes = request.Minutes,
            EverySeconds = request.Every.TotalSeconds,
            Steps = _steps,
            SecondsToTheEnd = ended is { } moment ? Rounded(moment - lastFault) : 0,
            Counts = counts,
            Injected = [.. _injected.OrderBy(fault => fault.At)],
            LeftOut = disk is null ? ["fill disk: a small disk of its own can be mounted by root only"] : [],
            Findings = [.. _findings, .. found.Findings],
            Folder = request.Folder,
        };
        await File.WriteAllTextAsync(Path.Combine(request.Folder, "report.json"), report.ToJson() + "\n", stop);
        return report;
    }

    private static double Rounded(TimeSpan time) => Math.Round(Math.Max(0, time.TotalSeconds), 1);

    private static string Own(ServiceName service) => $"{ServiceNames.Of(service)}.own.sock";

    private string Socket(ServiceName service) => Path.Combine(_run, $"{ServiceNames.Of(service)}.sock");
}
