using Forge.Core.Ring;

namespace Forge.Core.Harnesses;

/// <summary>An episode that a program plays by HTTP, and what it may use.</summary>
public sealed record HarnessSession
{
    public required EpisodeId Episode { get; init; }

    /// <summary>
    /// How the run draws tokens, whatever the program asks for. <see cref="SamplingParameters.MaxNewTokens"/> bounds one answer; each turn
    /// draws from a seed of its own, derived from this one.
    /// </summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Most calls of the model; further ones get the answer that stops every client.</summary>
    public required int MaxTurns { get; init; }

    /// <summary>Most tokens that the model may generate in the whole episode.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>After this time the gateway may forget the episode: whoever opened it is gone.</summary>
    public required TimeSpan Lifetime { get; init; }
}
