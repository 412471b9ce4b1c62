using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Trainer.Batches;

/// <summary>Takes groups one by one into the next batch; what can't be trained on is skipped and refilled.</summary>
internal sealed class BatchAssembler(IBatchSource source, GroupScorer scorer, int groupsPerBatch)
{
    public async Task<TrainingBatch> NextAsync(CancellationToken cancellationToken)
    {
        var groups = ImmutableArray.CreateBuilder<Group>(groupsPerBatch);
        var completions = ImmutableArray.CreateBuilder<ScoredCompletion>();
        var skipped = ImmutableArray.CreateBuilder<SkippedGroup>();

        while (groups.Count < groupsPerBatch)
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

        return new TrainingBatch(groups.ToImmutable(), completions.ToImmutable(), skipped.ToImmutable());
    }
}
