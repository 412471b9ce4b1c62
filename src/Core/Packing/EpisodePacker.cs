using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>
/// Makes one sequence of each append-only run of an episode: turn k + 1's prompt begins with turn k's prompt and response, so
/// one pass over the longest scores them all. A turn whose history was rewritten starts a new sequence.
/// </summary>
public sealed class EpisodePacker : ISamplePacker
{
    public ImmutableArray<PackedBatch> Pack(IReadOnlyList<TrainingSample> samples, int tokenBudget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokenBudget, 1);
        var batches = ImmutableArray.CreateBuilder<PackedBatch>();
        var open = new PackedBatchBuilder();

        foreach (var link in Links(samples))
        {
            if (open.TokenCount > 0 && open.TokenCount + link.Tokens > tokenBudget)
            {
                batches.Add(open.Build());
                open = new PackedBatchBuilder();
            }

            Append(open, samples, link);
        }

        if (open.TokenCount > 0)
        {
            batches.Add(open.Build());
        }

        return batches.ToImmutable();
    }

    private static IEnumerable<SequenceLink> Links(IReadOnlyList<TrainingSample> samples)
    {
        var first = 0;
        for (var next = 0; next < samples.Count; next++)
        {
            Validate(samples[next], next);
            if (next + 1 == samples.Count || !Appends(samples[next], samples[next + 1]))
            {
                yield return new SequenceLink(first, next + 1 - first, samples[next].ForwardTokens);
                first = next + 1;
            }
        }
    }

    private static bool Appends(TrainingSample earlier, TrainingSample later)
    {
        var history = earlier.PromptIds.Length + earlier.ResponseIds.Length;
        return earlier.Chain == later.Chain
            && later.PromptIds.Length >= history
            && later.PromptIds.AsSpan(0, earlier.PromptIds.Length).SequenceEqual(earlier.PromptIds.AsSpan())
            && later.PromptIds.AsSpan(earlier.PromptIds.Length, earlier.ResponseIds.Length).SequenceEqual(earlier.ResponseIds.AsSpan());
    }

    private static void Append(PackedBatchBuilder batch, IReadOnlyList<TrainingSample> samples, SequenceLink link)
    {
        var longest = samples[link.FirstSample + link.SampleCount - 1];
        var start = batch.BeginSequence();
        batch.AddRows(longest.PromptIds.AsSpan());
        batch.AddRows(longest.ResponseIds.AsSpan()[..^1]);

        for (var index = link.FirstSample; index < link.FirstSample + link.SampleCount; index++)
        {
            batch.AddSample(index, start + samples[index].PromptIds.Length - 1, samples[index].ResponseIds.AsSpan());
        }
    }

    private static void Validate(TrainingSample sample, int index)
    {
        if (sample.PromptIds.IsDefaultOrEmpty || sample.ResponseIds.IsDefaultOrEmpty)
        {
            throw new ArgumentException(
                $"Sample {index} has {sample.PromptIds.Length} prompt and {sample.ResponseIds.Length} response tokens; both need at least one.");
        }
    }
}
