using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>One call to the model, the atomic training sample: (state, action) = (prompt ids, response ids).</summary>
public sealed record Completion
{
    public required CompletionId Id { get; init; }

    public required EpisodeId Episode { get; init; }

    /// <summary>Position of this call within its episode, from 0.</summary>
    public required int Turn { get; init; }

    /// <summary>Exactly what the model saw.</summary>
    public required ImmutableArray<int> PromptIds { get; init; }

    /// <summary>Exactly what the model generated, the stop token included.</summary>
    public required ImmutableArray<int> ResponseIds { get; init; }

    /// <summary>
    /// Natural-log probabilities under the sampling policy at the sampling temperature, before top-p and top-k truncate it;
    /// aligned to <see cref="ResponseIds"/>. At temperature 0 they are those of temperature 1.
    /// </summary>
    public required ImmutableArray<float> PolicyLogProbs { get; init; }

    /// <summary>Natural-log probabilities after truncation and renormalisation, which the tokens were really drawn from; aligned to <see cref="ResponseIds"/>.</summary>
    public required ImmutableArray<float> BehaviorLogProbs { get; init; }

    /// <summary>The policy version that computed each token; aligned to <see cref="ResponseIds"/>, never decreasing.</summary>
    public required ImmutableArray<long> TokenVersions { get; init; }

    /// <summary>The oldest policy version behind any KV entry this completion attended to, earlier turns included.</summary>
    public required PolicyVersion OldestKvVersion { get; init; }

    public required SamplingParameters Sampling { get; init; }

    public required FinishReason FinishReason { get; init; }

    /// <summary>
    /// Experts chosen at the positions that predicted the response: [response tokens × layers × top-k], ascending ids within
    /// a token and layer; empty when routing is not recorded.
    /// </summary>
    public ImmutableArray<byte> RoutedExperts { get; init; } = [];

    public required CompletionTimings Timings { get; init; }
}
