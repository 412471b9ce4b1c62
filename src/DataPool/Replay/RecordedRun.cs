using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Archive;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Replay;

/// <summary>
/// Offers the groups that an earlier run trained on, in the order of its consumption log; groups that it skipped or gave up are left
/// out. The recorded pool is only read: acknowledgements go nowhere.
/// </summary>
/// <remarks>Used by one trainer: not safe for concurrent calls.</remarks>
public sealed class RecordedRun : IBatchSource
{
    private readonly PoolArchive _pool;
    private readonly ReplayLimits _limits;
    private readonly RewardVersion? _rewards;
    private readonly ImmutableArray<ImmutableArray<GroupId>> _steps;
    private int _step;
    private int _taken;

    private RecordedRun(PoolArchive pool, ReplayLimits limits, RewardVersion? rewards, ImmutableArray<ImmutableArray<GroupId>> steps)
        => (_pool, _limits, _rewards, _steps) = (pool, limits, rewards, steps);

    /// <summary>Groups of each optimizer step that is replayed, in its order.</summary>
    public ImmutableArray<ImmutableArray<GroupId>> Steps => _steps;

    public WindowStatus Status => new(0, 0, 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, Window: 1, Expired: 0, LateResults: 0);

    public StalenessStatus Staleness => new(_step, 0, 0, 0, 0, false);

    /// <summary>Checks that a recorded pool can be replayed with a policy.</summary>
    /// <param name="pool">Stays open for as long as the run is used; the caller closes it.</param>
    /// <param name="limits">Of the policy.</param>
    /// <param name="choice">What of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ForgeException">It has no such steps, they were pruned, the rewards are another run's, or the tokenizer is.</exception>
    public static async Task<RecordedRun> OpenAsync(
        PoolArchive pool, ReplayLimits limits, ReplayChoice choice, CancellationToken cancellationToken)
    {
        var consumptions = await pool.ReadConsumptionsAsync(cancellationToken);
        var trained = Trained(consumptions);
        if (trained.Count == 0)
        {
            throw new ForgeException(
                $"'{pool.Path}' has no trained step to replay ({consumptions.Length} groups were consumed, none of them trained). "
                + "Give the pool.db or the folder of a run that trained.");
        }

        var first = choice.From ?? trained.GetKeyAtIndex(0);
        await RequireWholeAsync(pool, first, trained, cancellationToken);
        ImmutableArray<ImmutableArray<GroupId>> steps = [.. trained.Where(step => step.Key >= first).Select(step => step.Value)];
        if (choice.Rewards is { } rewards)
        {
            foreach (var group in steps.SelectMany(step => step).Where(group => !rewards.Groups.Contains(group)).Take(1))
            {
                throw rewards.Lacks($"it has no rewards of group {group}, which '{pool.Path}' trained");
            }
        }

        var run = new RecordedRun(pool, limits, choice.Rewards, steps);
        await run.ReadAsync(steps[0][0], cancellationToken);
        return run;
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

    // By step.
    private static SortedList<long, ImmutableArray<GroupId>> Trained(ImmutableArray<Consumption> consumptions)
        => new(consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained)
            .GroupBy(consumption => consumption.Step.Value)
            .ToDictionary(
                step => step.Key,
                step => step.OrderBy(consumption => consumption.Position).Select(consumption => consumption.Group).ToImmutableArray()));

    private static async Task RequireWholeAsync(
        PoolArchive pool, long first, SortedList<long, ImmutableArray<GroupId>> trained, CancellationToken cancellationToken)
    {
        var last = trained.GetKeyAtIndex(trained.Count - 1);
        if (first < 1 || first > last)
        {
            throw new ForgeException($"'{pool.Path}' has steps {trained.GetKeyAtIndex(0)} to {last}, and no step {first} to begin with.");
        }

        var pruned = await pool.ReadLastPrunedAsync(cancellationToken);
        if (pruned.Value >= first)
        {
            throw new ForgeException(
                $"Steps {trained.GetKeyAtIndex(0)} to {pruned} of '{pool.Path}' were pruned, their tokens are gone. "
                + (pruned.Value < last
                    ? $"Replay what is left with --from-step {pruned.Next}, from the policy of step {pruned} (model.checkpoint)."
                    : "No step is left to replay."));
        }
    }

    private async Task<Group> ReadAsync(GroupId id, CancellationToken cancellationToken)
    {
        var group = await _pool.ReadGroupAsync(id, cancellationToken);
        foreach (var completion in group.Episodes.SelectMany(episode => episode.Completions))
        {
            Require(completion);
        }

        return _rewards is null ? group : _rewards.Apply(group);
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
