using Forge.Core.Faults;
using Forge.Hosting.Faults;

namespace Forge.Hosting.Supervision;

/// <summary>Starts a run's processes, starts again what dies, and ends them all in order.</summary>
/// <remarks>
/// <code>
///            start                    dies                     pause is over
/// Ended ───────────────▶ Running ───────────────▶ Restarting ─────────────────▶ Running
///                          │ the goal has finished, or a stop    │ ten deaths in a row, or exit code 2
///                          ▼                                     ▼
///                  all stop, Success                       all stop, Failure
/// </code>
/// A process that lives and does not answer for <see cref="SupervisorParts.HangAfter"/> is killed, and then it has died. How a process ended says
/// nothing about its work: a trainer that somebody asked to end exits 0 too. That it has finished, it says in a file.
/// Processes outlive their supervisor: the next one finds them by their pid files and goes on.
/// </remarks>
public sealed class Supervisor(SupervisorParts parts)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly SupervisedUnit[] _units = [.. parts.Processes.Select(process => new SupervisedUnit(process, parts.HangAfter, parts.Time))];
    private SupervisorStatus? _written;
    private bool _isUnwritten;

    /// <summary>Supervises until the goal has finished, something is beyond help, or <paramref name="stop"/> is cancelled.</summary>
    /// <param name="stop">Ends all processes in order.</param>
    /// <param name="stopNow">Cuts that short: what has not ended is killed.</param>
    /// <exception cref="UsageException">Another supervisor works on this run.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken stop, CancellationToken stopNow)
    {
        using var held = parts.Folder.Lock();
        var (exit, why) = (ExitCode.Failure, "the supervisor failed");
        try
        {
            (exit, why) = await SuperviseAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            (exit, why) = (ExitCode.Interrupted, "it was stopped");
        }
        catch (ForgeException error)
        {
            why = error.Message;
            throw;
        }
        finally
        {
            parts.Say($"Ending: {why}.");
            await StopAllAsync(stopNow);
            WriteStatus(why);
        }

        return exit;
    }

    private async Task<(ExitCode Exit, string Why)> SuperviseAsync(CancellationToken stop)
    {
        foreach (var unit in _units)
        {
            await StartAsync(unit, again: false, stop);
        }

        while (true)
        {
            foreach (var unit in _units)
            {
                if (unit.HasDied && Verdict(unit) is { } verdict)
                {
                    return verdict;
                }

                if (unit.Hangs)
                {
                    parts.Say($"{unit.Process.Name} (process {unit.Process.ProcessId}) lives and has not answered for {unit.Silence.TotalSeconds:0} s; killing it.");
                    unit.Kill();
                }

                if (unit.IsDue)
                {
                    await StartAsync(unit, again: true, stop);
                }
            }

            WriteStatus(null);
            await Task.Delay(Glance, parts.Time, stop);
        }
    }

    private async Task StartAsync(SupervisedUnit unit, bool again, CancellationToken cancellationToken)
    {
        var found = unit.Process.ProcessId;
        try
        {
            await unit.Process.StartAsync(cancellationToken);
        }
        catch (ForgeException error) when (again && !unit.IsHopeless)
        {
            unit.Died(error.Message);
            parts.Say($"{unit.Process.Name} can't be started: {error.Message} Trying again at {unit.Due:HH:mm:ss}.");
            return;
        }

        unit.Started(again);
        parts.Say($"{unit.Process.Name} {(found is null ? "started" : "runs already")} (process {unit.Process.ProcessId}).");
    }

    /// <summary>Judges a death: the run's end, or null when the process is started again.</summary>
    private (ExitCode Exit, string Why)? Verdict(SupervisedUnit unit)
    {
        var (name, code) = (unit.Process.Name, unit.Process.ExitCode);
        if (name == parts.Goal && unit.Process.HasFinished)
        {
            unit.Ended("finished");
            return (ExitCode.Success, $"{name} has finished");
        }

        var how = code is null ? "ended" : code > 128 ? $"was killed by signal {code - 128}" : $"ended with code {code}";
        unit.Died(how);
        if (code == (int)ExitCode.Usage)
        {
            return (ExitCode.Usage, $"{name} can't run like this; its own words are in {parts.Folder.OutputFile(name)}");
        }

        if (unit.IsHopeless)
        {
            return (ExitCode.Failure, $"{name} {how} again and again; see {parts.Folder.LogFile(name)} and {parts.Folder.OutputFile(name)}");
        }

        parts.Say($"{name} {how}; starting it again at {unit.Due:HH:mm:ss}.");
        return null;
    }

    private async Task StopAllAsync(CancellationToken stopNow)
    {
        foreach (var unit in _units.Reverse())
        {
            if (unit.Process.ProcessId is null)
            {
                unit.Ended(unit.LastEnd);
                continue;
            }

            var inTime = await unit.Process.StopAsync(parts.StopLimit, stopNow);
            unit.Ended(inTime ? "stopped" : "killed");
            parts.Say(inTime ? $"{unit.Process.Name} has ended." : $"{unit.Process.Name} did not end within {parts.StopLimit.TotalSeconds} s and was killed.");
            WriteStatus(null);
        }
    }

    private void WriteStatus(string? end)
    {
        var status = new SupervisorStatus(parts.Time.GetUtcNow(), [.. _units.Select(unit => unit.Status)], end);
        if (_written is null || end != _written.End || !status.Processes.SequenceEqual(_written.Processes))
        {
            TryWrite(status);
        }
    }

    // A full disk keeps nobody from being supervised: what is seen is written once there is room.
    private void TryWrite(SupervisorStatus status)
    {
        try
        {
            parts.Folder.Write(status);
            _written = status;
        }
        catch (IOException error)
        {
            if (!_isUnwritten)
            {
                parts.Say($"{parts.Folder.StatusFile} can't be written: {error.Message}");
            }

            _isUnwritten = true;
            return;
        }

        _isUnwritten = false;
    }
}
