using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The rollout engine, as the gateway sees it.</summary>
public interface IGenerator
{
    /// <summary>Generates one response; requests join and leave the running batch at every decode step.</summary>
    /// <exception cref="TimeoutException">The engine worked on it, or had it in its queue, until <see cref="GenerationRequest.Patience"/> was over.</exception>
    /// <exception cref="Faults.InfrastructureFaultException">The engine could not be reached, or had no weights all the time.</exception>
    /// <exception cref="ArgumentException">The prompt is empty, has an id outside the vocabulary, or leaves no room in the context.</exception>
    Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken);

    /// <summary>Frees what the engine keeps for a session; unknown sessions are ignored.</summary>
    void EndSession(EpisodeId session);
}
