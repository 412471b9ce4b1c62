using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Gateway.Tests;

/// <summary>An engine that gives every request up.</summary>
internal sealed class CancellingGenerator(IGenerator inner) : IGenerator
{
    public async Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
        => await inner.GenerateAsync(request, cancellationToken) with { FinishReason = FinishReason.Cancelled };

    public void EndSession(EpisodeId session) => inner.EndSession(session);
}
