using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>One completion as training data: what the model saw and what it did. Neither is ever re-tokenised.</summary>
/// <param name="Chain">Numbers the episode: its samples follow each other in turn order; a packer may merge those that only append.</param>
/// <param name="PromptIds">The exact prompt; at least one token.</param>
/// <param name="ResponseIds">The exact response; each of its tokens is scored.</param>
public sealed record TrainingSample(int Chain, ImmutableArray<int> PromptIds, ImmutableArray<int> ResponseIds)
{
    /// <summary>
    /// Router replay: [ForwardTokens × layers × choices] the experts that the rollout chose for each fed token, −1 where it recorded none;
    /// empty routes all afresh. Samples share a row only where their routing is the same too.
    /// </summary>
    public ImmutableArray<short> RoutedExperts { get; init; } = [];

    /// <summary>Tokens that a forward pass of this sample alone needs: the last response token is predicted, never fed.</summary>
    public int ForwardTokens => PromptIds.Length + ResponseIds.Length - 1;
}
