using Forge.Contracts.V1;
using Forge.Contracts.Weights;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Microsoft.Extensions.Logging;

namespace Forge.Rollout.Serving;

/// <summary>Receives policies for the engine, and tells who listens which one it has. One transfer at a time.</summary>
internal sealed class WeightsDesk(IPolicySink engine, TimeProvider time, ILogger<WeightsDesk> logger) : IDisposable
{
    private readonly SemaphoreSlim _receiving = new(1);
    private readonly Lock _lock = new();
    private readonly HashSet<string> _replaced = [];
    private string? _owner;
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
    /// <remarks>A trainer that starts again owns the run from its first policy on, which may be older: it goes on from the checkpoints that it has.</remarks>
    /// <exception cref="TornTransferException">It was cut, damaged, or changes another version; nothing was used.</exception>
    public async Task<PolicyVersion> ReceiveAsync(WeightsManifest manifest, IAsyncEnumerable<WeightsChunk> chunks, CancellationToken cancellationToken)
    {
        await _receiving.WaitAsync(cancellationToken);
        try
        {
            RequireOwner(manifest.Trainer);
            if (_current is { } same && same.Version.Value == manifest.Version && same.Sha256.AsSpan().SequenceEqual(manifest.FileSha256.Span))
            {
                Own(manifest.Trainer);
                return same.Version;
            }

            var goesBack = GoesBack(manifest);
            var assembler = new WeightsAssembler(manifest, _current);
            assembler.CheckManifest();
            await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            {
                assembler.Add(chunk);
            }

            var image = assembler.Finish();

            // The engine is not left half-way when the trainer goes away now.
            await engine.PublishAsync(image.Weights with { GoesBack = goesBack }, CancellationToken.None);
            if (goesBack)
            {
                RolloutLog.WentBack(logger, _current!.Version.Value, image.Version.Value);
            }

            Own(manifest.Trainer);
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

    private void RequireOwner(string trainer)
    {
        if (_replaced.Contains(trainer))
        {
            throw new ForgeException(
                "Another trainer took over this run and publishes to this engine: this one must end. "
                + "If none did, stop all trainers of the run and start one.");
        }
    }

    // One life of a trainer only goes forwards; the next life may have lost checkpoints.
    private bool GoesBack(WeightsManifest manifest)
    {
        if (_current is not { } current || manifest.Version > current.Version.Value)
        {
            return false;
        }

        return manifest.Trainer != _owner ? true : throw new ForgeException(
            $"The engine decodes with policy version {current.Version}, and version {manifest.Version} of the same trainer is not newer and differs from it. "
            + "Start the trainer again: it goes on from its newest checkpoint.");
    }

    private void Own(string trainer)
    {
        if (_owner is { } before && before != trainer)
        {
            _replaced.Add(before);
        }

        _owner = trainer;
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
