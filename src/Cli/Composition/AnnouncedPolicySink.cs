using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Cli.Composition;

/// <summary>Passes policies on, and says when the first one is in use: before it, nobody may ask for tokens or dispatch a group.</summary>
internal sealed class AnnouncedPolicySink(IPolicySink inner) : IPolicySink
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first publication; by then the trainer has brought the pool to the state of its checkpoint.</summary>
    public Task First => _first.Task;

    public async Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
    {
        await inner.PublishAsync(weights, cancellationToken);
        _first.TrySetResult();
    }
}
