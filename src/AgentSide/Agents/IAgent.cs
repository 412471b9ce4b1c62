using Forge.AgentSide.Environments;
using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.AgentSide.Agents;

/// <summary>Plays an episode: our own loop over the environment's tools, or a program that somebody else wrote.</summary>
public interface IAgent
{
    /// <summary>
    /// Plays until the end; throws only when the gateway or the environment breaks, or when it is cancelled. When it returns,
    /// <see cref="AgentSession.Steps"/> has one step for each completion that was recorded.
    /// </summary>
    /// <exception cref="EnvironmentFaultException">A tool threw, or the program can't play.</exception>
    /// <exception cref="ForgeException">The gateway failed, or nobody answered.</exception>
    Task<AgentOutcome> PlayAsync(AgentSession session, IEnvironmentInstance environment, EpisodeClock clock);

    /// <summary>Frees what is kept for an episode, however it ended.</summary>
    void End(EpisodeId episode);
}
