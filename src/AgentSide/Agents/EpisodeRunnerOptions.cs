using Forge.AgentSide.Rewards;

namespace Forge.AgentSide.Agents;

/// <summary>What an episode may use and how it is rewarded.</summary>
/// <param name="Limits">Limits on turns, tokens and time.</param>
/// <param name="Rewards">Penalties and the speed baseline.</param>
public sealed record EpisodeRunnerOptions(AgentLimits Limits, RewardOptions Rewards);
