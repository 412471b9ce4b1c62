using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Replay;

/// <summary>
/// Offers the groups that an earlier run trained on, in the order of its consumption log; groups that it skipped or gave up are left
/// out. The recorded pool is only read: acknowledgements go nowhere.
/// </summary>
/// <remarks>Used by one trainer: not safe for concurrent calls.</remarks>
public sealed class RecordedRun : IBatchSource, IAsyncDisposable
{
    private readonly RecordedPool _pool;
    private readonly ReplayLimits _limits;
    private readonly ImmutableArray<ImmutableArray<GroupId>> _steps;
    private int _step;
    private int _taken;

    private RecordedRun(RecordedPool pool, ReplayLimits limits, ImmutableArray<ImmutableArray<GroupId>> steps)
        => (_pool, _limits, _steps) = (pool, limits, steps);

    /// <summary>Groups of each recorded optimizer step, in its order.</summary>
    public ImmutableArray<ImmutableArray<GroupId>> Steps => _steps;

    public WindowStatus Status => new(0, 0, 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, Window: 1, Expired: 0, LateResults: 0);

    public StalenessStatus Staleness => new(_step, 0, 0, 0, 0, false);

    /// <summary>Opens a recorded pool and checks that it can be replayed with a policy.</summary>
    /// <param name="path">The pool.db of a run that no process works on.</param>
    /// <param name="limits">Of the policy.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">The file is no pool, of another schema, in use, without trained steps, or of another tokenizer.</exception>
    public static async Task<RecordedRun> OpenAsync(string path, ReplayLimits limits, CancellationToken cancellationToken)
    {
        var pool = RecordedPool.Open(path);
        try
        {
            var consumptions = await pool.ReadConsumptionsAsync(cancellationToken);
            var steps = Trained(consumptions);
            if (steps.IsEmpty)
            {
                throw new ForgeException(
                    $"'{path}' has no trained step to replay ({consumptions.Length} groups were consumed, none of them trained). "
                    + "Give the pool.db of a run that trained.");
            }

            var run = new RecordedRun(pool, limits, steps);
            await run.ReadAsync(steps[0][0], cancellationToken);
            return run;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    public async Task<Group> TakeAsync(CancellationToken cancellationToken)
    {
        while (_step < _steps.Length && _taken == _steps[_step].Length)
        {
            (_step, _taken) = (_step + 1, 0);
        }

        if (_step == _steps.Length)
        {
            throw new InvalidOperationException($"All {_steps.Length} recorded steps were taken.");
        }

        return await ReadAsync(_steps[_step][_taken++], cancellationToken);
    }

    public Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <exception cref="ForgeException">The checkpoint is beyond the recording's end.</exception>
    public Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        if (version.Value > _steps.Length)
        {
            throw new ForgeException(
                $"The checkpoint has version {version}, but '{_pool.Path}' has only {_steps.Length} trained steps: it is not the recording "
                + "that this replay began with.");
        }

        (_step, _taken) = ((int)version.Value, 0);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static ImmutableArray<ImmutableArray<GroupId>> Trained(ImmutableArray<Consumption> consumptions)
        =>
        [
            .. consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained)
                .GroupBy(consumption => consumption.Step.Value).OrderBy(step => step.Key)
                .Select(step => step.OrderBy(consumption => consumption.Position).Select(consumption => consumption.Group).ToImmutableArray()),
        ];

    private async Task<Group> ReadAsync(GroupId id, CancellationToken cancellationToken)
    {
        var group = await _pool.ReadGroupAsync(id, cancellationToken);
        foreach (var completion in group.Episodes.SelectMany(episode => episode.Completions))
        {
            Require(completion);
        }

        return group;
    }

    private void Require(Completion completion)
    {
        var largest = completion.PromptIds.Concat(completion.ResponseIds).Max();
        if (largest >= _limits.Vocabulary)
        {
            throw new ForgeException(
                $"Completion '{completion.Id}' in '{_pool.Path}' has the token id {largest}, the policy's vocabulary {_limits.Vocabulary} entries: "
                + "the run was recorded with another tokenizer. Set model.checkpoint to the policy that it started from.");
        }

        var tokens = completion.PromptIds.Length + completion.ResponseIds.Length;
        if (tokens > _limits.Context)
        {
            throw new ForgeException(
                $"Completion '{completion.Id}' in '{_pool.Path}' has {tokens} tokens, the policy's context {_limits.Context}: the run was recorded "
                + "with another policy. Set model.checkpoint to the one that it started from.");
        }
    }
}
