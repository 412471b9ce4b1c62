using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>An engine that answers when the test says so.</summary>
internal sealed class GatedGenerator(FakeGenerator inner) : IGenerator
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the engine was asked for the first time.</summary>
    public Task Asked => _asked.Task;

    public int Requests => inner.Requests.Count;

    public void Open() => _open.TrySetResult();

    public void Break(Exception fault) => _open.TrySetException(fault);

    public async Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        await _open.Task.WaitAsync(cancellationToken);
        return await inner.GenerateAsync(request, cancellationToken);
    }

    public void EndSession(EpisodeId session) => inner.EndSession(session);
}
