using System.Collections.Concurrent;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>The way to the rollout engine with a witness: keeps every request, every completion and every published policy.</summary>
internal sealed class WatchedEngine(IGenerator generator, IPolicySink sink) : IGenerator, IPolicySink
{
    private readonly ConcurrentDictionary<CompletionId, (GenerationRequest Request, Completion Completion)> _witnessed = new();
    private readonly List<PolicyWeights> _published = [];

    public IReadOnlyDictionary<CompletionId, (GenerationRequest Request, Completion Completion)> Witnessed => _witnessed;

    public IReadOnlyList<PolicyWeights> Published => _published;

    public async Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var completion = await generator.GenerateAsync(request, cancellationToken);
        _witnessed[request.Id] = (request, completion);
        return completion;
    }

    public void EndSession(EpisodeId session) => generator.EndSession(session);

    public async Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
    {
        await sink.PublishAsync(weights, cancellationToken);
        _published.Add(weights);
    }
}
