using Forge.Contracts.V1;
using Forge.Contracts.Weights;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Rollout.Serving;

/// <summary>Receives policies for the engine, and tells who listens which one it has. One transfer at a time.</summary>
internal sealed class WeightsDesk(IPolicySink engine, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _receiving = new(1);
    private readonly Lock _lock = new();
    private WeightsImage? _current;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The policy that the engine decodes with; null before the first.</summary>
    public PolicyVersion? Version
    {
        get
        {
            lock (_lock)
            {
                return _current?.Version;
            }
        }
    }

    /// <summary>Takes one transfer; a policy that the engine already has is confirmed without loading it again.</summary>
    /// <exception cref="TornTransferException">It was cut, damaged, or changes another version; nothing was used.</exception>
    public async Task<PolicyVersion> ReceiveAsync(WeightsManifest manifest, IAsyncEnumerable<WeightsChunk> chunks, CancellationToken cancellationToken)
    {
        await _receiving.WaitAsync(cancellationToken);
        try
        {
            if (_current is { } same && same.Version.Value == manifest.Version && same.Sha256.AsSpan().SequenceEqual(manifest.FileSha256.Span))
            {
                return same.Version;
            }

            RequireNewer(manifest);
            var assembler = new WeightsAssembler(manifest, _current);
            assembler.CheckManifest();
            await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            {
                assembler.Add(chunk);
            }

            var image = assembler.Finish();

            // The engine is not left half-way when the trainer goes away now.
            await engine.PublishAsync(image.Weights, CancellationToken.None);
            Enter(image);
            return image.Version;
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <summary>Waits until the engine has another policy than <paramref name="known"/>, at most <paramref name="wait"/>.</summary>
    public async Task<PolicyVersion?> ChangedAsync(PolicyVersion? known, TimeSpan wait, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_lock)
        {
            if (_current?.Version != known)
            {
                return _current?.Version;
            }

            changed = _changed.Task;
        }

        await changed.WaitAsync(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return Version;
    }

    public void Dispose() => _receiving.Dispose();

    // A trainer that lost checkpoints goes on from an older version; the engine's caches and its callers' records assume that versions rise.
    private void RequireNewer(WeightsManifest manifest)
    {
        if (_current is { } current && manifest.Version <= current.Version.Value)
        {
            throw new ForgeException(
                $"The engine decodes with policy version {current.Version}, and version {manifest.Version} of the trainer is not newer and differs from it: "
                + "the trainer went back to an older checkpoint. Start the rollout service again; it gets the trainer's version by itself.");
        }
    }

    private void Enter(WeightsImage image)
    {
        lock (_lock)
        {
            _current = image;
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
