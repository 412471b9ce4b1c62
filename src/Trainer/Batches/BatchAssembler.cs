using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Trainer.Batches;

/// <summary>
/// Takes groups one by one into the next batch; what can't be trained on is skipped and refilled. A replay takes exactly what the recorded
/// step took, and refills nothing.
/// </summary>
/// <param name="source">Offers groups.</param>
/// <param name="scorer">Says which can be trained on.</param>
/// <param name="groupsPerBatch">B.</param>
/// <param name="recordedGroups">Replay: groups of each recorded step, by the version that it trains; null without replay.</param>
internal sealed class BatchAssembler(IBatchSource source, GroupScorer scorer, int groupsPerBatch, ImmutableArray<int>? recordedGroups = null)
{
    /// <exception cref="ForgeException">Replay: none of the step's groups can be trained on under this run file.</exception>
    public async Task<TrainingBatch> NextAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        var groups = ImmutableArray.CreateBuilder<Group>();
        var completions = ImmutableArray.CreateBuilder<ScoredCompletion>();
        var skipped = ImmutableArray.CreateBuilder<SkippedGroup>();
        var recorded = recordedGroups?[(int)version.Value];

        while (recorded is { } count ? groups.Count + skipped.Count < count : groups.Count < groupsPerBatch)
        {
            var group = await source.TakeAsync(cancellationToken);
            if (scorer.Score(group, groups.Count, out var scored) is { } reason)
            {
                await source.SkipAsync(group.Id, reason, cancellationToken);
                skipped.Add(new SkippedGroup(group, reason));
                continue;
            }

            groups.Add(group);
            completions.AddRange(scored);
        }

        return groups.Count > 0
            ? new TrainingBatch(groups.ToImmutable(), completions.ToImmutable(), skipped.ToImmutable())
            : throw new ForgeException(
                $"None of the {recorded} recorded groups of step {version.Next} can be trained on ({skipped[0].Reason}): "
                + "the run file's rewards differ from the recorded run's. Use that run's own run.yaml.");
    }
}
