using Forge.Core.Ring;

namespace Forge.Gateway.Sessions;

/// <summary>What an episode's calls are held to.</summary>
/// <param name="Sampling">Draws tokens this way whatever the agent asks for; null takes the run's.</param>
/// <param name="MaxTurns">Most answers of the episode, calls on the side left out; null without a bound.</param>
/// <param name="MaxTokens">Most tokens of its answers together; null without a bound.</param>
public sealed record SessionTerms(SamplingParameters? Sampling, int? MaxTurns, long? MaxTokens)
{
    public static SessionTerms None { get; } = new(null, null, null);
}
