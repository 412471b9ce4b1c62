using Forge.Core.Ring;

namespace Forge.AgentSide.Agents;

/// <summary>How the agent's part of an episode ended.</summary>
/// <param name="Status">What kind of end.</param>
/// <param name="Cause">One of <see cref="EndCauses"/>.</param>
/// <param name="Text">The final answer, or the failure's message.</param>
public sealed record AgentOutcome(EpisodeStatus Status, string Cause, string Text)
{
    public static AgentOutcome Answer(string text) => new(EpisodeStatus.Completed, EndCauses.FinalAnswer, text);

    public static AgentOutcome Limit(string cause) => new(EpisodeStatus.LimitReached, cause, "");

    public static AgentOutcome Failure(string cause, string text) => new(EpisodeStatus.AgentFailure, cause, text);
}
