using Forge.AgentSide.Environments;
using Forge.Core.Ring;

namespace Forge.AgentSide.Agents;

/// <summary>One episode to be played.</summary>
/// <param name="Episode">Its id.</param>
/// <param name="Task">What to ask.</param>
/// <param name="Sampling">How to draw; its seed decides every token of the episode.</param>
/// <param name="EnvironmentSeed">Decides what is random in the tools.</param>
public sealed record EpisodePlan(EpisodeId Episode, EnvironmentTask Task, SamplingParameters Sampling, ulong EnvironmentSeed);
