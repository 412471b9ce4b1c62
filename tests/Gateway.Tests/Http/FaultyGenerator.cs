using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Gateway.Tests.Http;

/// <summary>An engine that dies on its first requests.</summary>
internal sealed class FaultyGenerator(IGenerator inner, int deaths) : IGenerator
{
    private int _asked;

    public Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
        => Interlocked.Increment(ref _asked) <= deaths
            ? throw new InfrastructureFaultException("The engine died.")
            : inner.GenerateAsync(request, cancellationToken);

    public void EndSession(EpisodeId session) => inner.EndSession(session);
}
