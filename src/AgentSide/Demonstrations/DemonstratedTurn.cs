using System.Collections.Immutable;

namespace Forge.AgentSide.Demonstrations;

/// <summary>One answer of a demonstration.</summary>
/// <param name="PromptIds">The whole prompt: the previous turn's prompt and response come first, unchanged.</param>
/// <param name="ResponseIds">What the policy is to say, the stop token included: the tokens that are trained.</param>
public sealed record DemonstratedTurn(ImmutableArray<int> PromptIds, ImmutableArray<int> ResponseIds);
