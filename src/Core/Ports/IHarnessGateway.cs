using Forge.Core.Harnesses;
using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The gateway, as the agent side sees it when the agent is a program that calls over HTTP by itself.</summary>
public interface IHarnessGateway
{
    /// <summary>Lets the calls of one episode in from now on, and no more of them than the session allows.</summary>
    /// <exception cref="Faults.InfrastructureFaultException">The gateway could not be reached.</exception>
    Task<HarnessAccess> OpenAsync(HarnessSession session, CancellationToken cancellationToken);

    /// <summary>
    /// Lets no further call in, ends those under way, frees what is kept for the episode, and tells what was recorded. Nothing is recorded
    /// for the episode after it returns.
    /// </summary>
    /// <exception cref="Faults.InfrastructureFaultException">The gateway could not be reached, or knows nothing of the episode any more.</exception>
    Task<HarnessTrace> CloseAsync(EpisodeId episode, CancellationToken cancellationToken);
}
