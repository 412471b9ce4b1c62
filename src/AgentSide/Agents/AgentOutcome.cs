using Forge.AgentSide.Environments;
using Forge.Core.Ring;

namespace Forge.AgentSide.Agents;

/// <summary>How the agent's part of an episode ended.</summary>
/// <param name="Status">What kind of end.</param>
/// <param name="Cause">One of <see cref="EndCauses"/>.</param>
/// <param name="Text">The final answer, what was there of it at a limit, or the failure's message.</param>
public sealed record AgentOutcome(EpisodeStatus Status, string Cause, string Text)
{
    /// <summary>The score that the agent's program posted itself, where the run asks for that; null lets the environment verify.</summary>
    public EnvironmentScore? Posted { get; init; }

    public static AgentOutcome Answer(string text) => new(EpisodeStatus.Completed, EndCauses.FinalAnswer, text);

    public static AgentOutcome Limit(string cause, string text = "") => new(EpisodeStatus.LimitReached, cause, text);

    public static AgentOutcome Failure(string cause, string text) => new(EpisodeStatus.AgentFailure, cause, text);
}
