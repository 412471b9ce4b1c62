using Forge.Contracts.Weights;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>
/// Publishes policies to a rollout engine of another process: the difference to the version that the engine has when that is smaller, else all of it.
/// Outlasts an engine that starts again; <see cref="KeepAsync"/> gives such an engine the newest policy by itself.
/// </summary>
public sealed class GrpcPolicySink(CallInvoker invoker, WireOptions options, TimeProvider time) : IPolicySink, IDisposable
{
    private readonly Wire.WeightsService.WeightsServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The rollout engine", options, time);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly string _trainer = Guid.NewGuid().ToString("N");

    // What the engine has, as far as is known here.
    private WeightsImage? _confirmed;
    private WeightsImage? _newest;

    /// <summary>Bytes of the last transfer that arrived, and of the policy that it brought.</summary>
    public (long Sent, long Whole) LastTransfer { get; private set; }

    public async Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
    {
        var image = WeightsImage.Of(weights);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            _newest = image;
            await SendAsync(image, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Listens to which policy the engine has, and sends the newest when it has another; runs until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _calls.MappedAsync(() => WatchAsync(cancellationToken), cancellationToken);
            }
            catch (ForgeException fault) when (fault.IsTransient)
            {
                await Task.Delay(options.RetryDelay, time, cancellationToken);
            }
        }
    }

    public void Dispose() => _sending.Dispose();

    // A stream has a deadline like every call; it is opened again when it passes.
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        using var call = _client.Watch(new Wire.WatchRequest(), _calls.For(options.TransferTimeout, cancellationToken));
        await foreach (var seen in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            await _sending.WaitAsync(cancellationToken);
            try
            {
                if (_newest is { } newest && (!seen.HasVersion || seen.Version < newest.Version.Value))
                {
                    _confirmed = null;
                    await SendAsync(newest, cancellationToken);
                }
            }
            finally
            {
                _sending.Release();
            }
        }

        return true;
    }

    private async Task SendAsync(WeightsImage image, CancellationToken cancellationToken)
    {
        var delta = _confirmed is { } before && before != image ? WeightsTransfer.Delta(image, before) : null;
        while (true)
        {
            try
            {
                await _calls.MappedAsync(() => SendAsync(delta ?? WeightsTransfer.Full(image), cancellationToken), cancellationToken);
                _confirmed = image;
                return;
            }
            catch (TornTransferException) when (delta is not null)
            {
                // The engine has another version than was known here.
                (delta, _confirmed) = (null, null);
            }
            catch (ForgeException fault) when (fault.IsTransient)
            {
                await Task.Delay(options.RetryDelay, time, cancellationToken);
            }
        }
    }

    private async Task<Wire.PublishResponse> SendAsync(WeightsTransfer transfer, CancellationToken cancellationToken)
    {
        transfer.Manifest.Trainer = _trainer;
        using var call = _client.Publish(_calls.For(options.TransferTimeout, cancellationToken));
        try
        {
            foreach (var message in transfer.Messages)
            {
                await call.RequestStream.WriteAsync(message, cancellationToken);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            // The engine ended the call before it had everything: its answer says why.
        }

        var answer = await call.ResponseAsync;
        LastTransfer = (transfer.Manifest.TransferBytes, transfer.Manifest.FileBytes);
        return answer;
    }
}
