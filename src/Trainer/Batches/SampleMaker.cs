using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Forge.Core.Faults;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;

namespace Forge.Trainer.Batches;

/// <summary>Turns a step's completions into samples; with router replay, each brings the experts that the rollout chose for its tokens.</summary>
/// <remarks>
/// Recorded are the rows that predicted a response: from the prompt's last token to the response's last but one. A later turn feeds these
/// tokens again, so it replays their choices too, and stays a continuation of the same sequence:
/// <code>
///   turn 1   p p p r r r            − − 1 1 1            (the last r is never fed)
///   turn 2   p p p r r r t t r r    − − 1 1 1 − − 2 2
/// </code>
/// </remarks>
/// <param name="config">The policy's shape.</param>
/// <param name="replaysRouting">Whether recorded expert choices are replayed.</param>
internal sealed class SampleMaker(M2Config config, bool replaysRouting)
{
    private const short RoutedAfresh = -1;

    private readonly int _choicesPerToken = config.NumHiddenLayers * config.NumExpertsPerToken;

    /// <summary>One sample per completion, in order.</summary>
    /// <param name="completions">Those of an episode stand together, in turn order.</param>
    /// <exception cref="ForgeException">Routing is to be replayed, and a completion has none, or another model's.</exception>
    public TrainingSample[] Make(IReadOnlyList<ScoredCompletion> completions)
    {
        var samples = new TrainingSample[completions.Count];
        var first = 0;
        for (var index = 0; index < samples.Length; index++)
        {
            first = completions[index].Chain == completions[first].Chain ? first : index;
            var (completion, chain) = (completions[index].Completion, completions[index].Chain);
            samples[index] = new TrainingSample(chain, completion.PromptIds, completion.ResponseIds)
            {
                RoutedExperts = replaysRouting ? Routing(completion, samples.AsSpan(first, index - first)) : [],
            };
        }

        return samples;
    }

    private ImmutableArray<short> Routing(Completion completion, ReadOnlySpan<TrainingSample> earlierTurns)
    {
        RequireRouting(completion);
        var fed = completion.PromptIds.Length + completion.ResponseIds.Length - 1;
        var routing = new short[fed * _choicesPerToken];
        Array.Fill(routing, RoutedAfresh);
        for (var index = earlierTurns.Length - 1; index >= 0; index--)
        {
            if (Continues(completion, earlierTurns[index]))
            {
                earlierTurns[index].RoutedExperts.CopyTo(routing);
                break;
            }
        }

        var own = routing.AsSpan((completion.PromptIds.Length - 1) * _choicesPerToken);
        for (var place = 0; place < own.Length; place++)
        {
            own[place] = completion.RoutedExperts[place];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(routing);
    }

    private static bool Continues(Completion later, TrainingSample earlier)
    {
        var (prompt, response) = (earlier.PromptIds.Length, earlier.ResponseIds.Length);
        return later.PromptIds.Length >= prompt + response
            && later.PromptIds.AsSpan(0, prompt).SequenceEqual(earlier.PromptIds.AsSpan())
            && later.PromptIds.AsSpan(prompt, response).SequenceEqual(earlier.ResponseIds.AsSpan());
    }

    private void RequireRouting(Completion completion)
    {
        var (recorded, needed) = (completion.RoutedExperts.Length, completion.ResponseIds.Length * _choicesPerToken);
        if (recorded == 0)
        {
            throw new ForgeException(
                $"algorithm.router_replay is on, but completion '{completion.Id}' has no recorded routing. "
                + "Sample with rollout.record_routing: true, or turn the replay off.");
        }

        if (recorded != needed || completion.RoutedExperts.Any(expert => expert >= config.NumLocalExperts))
        {
            throw new ForgeException(
                $"The routing recorded with completion '{completion.Id}' is of another model: {recorded} choices where this policy "
                + $"makes {needed} among {config.NumLocalExperts} experts. Start from the checkpoint that sampled it, or turn algorithm.router_replay off.");
        }
    }
}
