using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.DataPool.Checking;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>The trainer: it crashes before and after its checkpoint, and sometimes its newest checkpoint is lost.</summary>
internal sealed class SimulatedTrainer(SimulatedWorld world, SimulatedPool pool, SimulatedRun run)
{
    private readonly Stack<(long Version, ImmutableArray<GroupId> Groups)> _checkpoints = new([(0, [])]);
    private readonly List<GroupId> _held = [];
    private int _life;

    public long Version => _checkpoints.Peek().Version;

    public async Task RunAsync(long steps)
    {
        await StartAsync();
        while (Version < steps)
        {
            if (!await StepAsync())
            {
                await world.DelayAsync(5);
                await StartAsync();
            }
        }
    }

    private async Task StartAsync()
    {
        _held.Clear();
        if (_checkpoints.Count > 1 && world.Chance(0.2))
        {
            run.Fault();
            _checkpoints.Pop();
        }

        var (version, groups) = _checkpoints.Peek();
        run.Tell([new HistoryLine { Event = HistoryEvent.Recover, Version = version, IsAcknowledged = true }]);
        if (run.Defect == Defect.NoRecovery)
        {
            return;
        }

        await CallAsync(async current =>
        {
            await current.AcknowledgeAsync(groups, new PolicyVersion(version), CancellationToken.None);
            await current.RecoverAsync(new PolicyVersion(version), CancellationToken.None);
            return true;
        });

        // The answer was lost: it asks again, while others take what was put back.
        if (world.Chance(0.3))
        {
            run.Fault();
            await CallAsync(async current =>
            {
                await current.RecoverAsync(new PolicyVersion(version), CancellationToken.None);
                return true;
            });
        }
    }

    // False when it crashed.
    private async Task<bool> StepAsync()
    {
        var groups = new List<GroupId>();
        while (groups.Count < run.Options.GroupsPerBatch)
        {
            var group = await CallAsync(current => current.TakeAsync(CancellationToken.None));
            _held.Add(group.Id);
            run.See(group);
            if (world.Random.Next(8) != 0)
            {
                groups.Add(group.Id);
                continue;
            }

            await CallAsync(async current =>
            {
                await current.SkipAsync(group.Id, "no variance", CancellationToken.None);
                return true;
            });
            _held.Remove(group.Id);
        }

        await world.DelayAsync(6);
        if (Crashes())
        {
            return false;
        }

        var version = Version + 1;
        _checkpoints.Push((version, [.. groups]));
        run.Tell([new HistoryLine { Event = HistoryEvent.Train, Version = version, Groups = [.. groups.Select(group => group.Value)], IsAcknowledged = true }]);
        if (Crashes())
        {
            return false;
        }

        await CallAsync(async current =>
        {
            await current.AcknowledgeAsync(groups, new PolicyVersion(version), CancellationToken.None);
            return true;
        });
        _held.Clear();
        return !Crashes();
    }

    private bool Crashes()
    {
        var crashes = world.Chance(0.05);
        if (crashes)
        {
            run.Fault();
        }

        return crashes;
    }

    // A pool that was started again is told first what the trainer holds.
    private async Task<T> CallAsync<T>(Func<DataPool, Task<T>> call)
    {
        var known = _life;
        var answer = await pool.CallAsync(call, current => current.Retake([.. _held]), known);
        _life = pool.Life;
        return answer;
    }
}
