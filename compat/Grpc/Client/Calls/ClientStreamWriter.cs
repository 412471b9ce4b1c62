using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>The requests of a call. A write is done when HTTP/2's windows had room for it. One writer at a time.</summary>
internal sealed class ClientStreamWriter<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, RequestStreamContent content)
    : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private int _writing;
    private bool _completed;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_completed)
        {
            throw new InvalidOperationException("Can't write the message because the client stream writer is complete.");
        }

        if (Interlocked.Exchange(ref _writing, 1) == 1)
        {
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        }

        return WriteAndFlushAsync(message, cancellationToken);
    }

    public Task CompleteAsync()
    {
        if (Volatile.Read(ref _writing) == 1)
        {
            throw new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress.");
        }

        _completed = true;
        content.Complete();
        return Task.CompletedTask;
    }

    private async Task WriteAndFlushAsync(TRequest message, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((ClientCall)state!).Cancel(new Status(StatusCode.Cancelled, "Call canceled by the client.")), call);
        try
        {
            var stream = await content.Stream.ConfigureAwait(false);
            if (call.HasEnded)
            {
                throw Ended();
            }

            using var frame = new PooledBufferWriter();
            call.Encode(message, frame, WriteOptions);
            await stream.WriteAsync(frame.WrittenMemory, call.Token).ConfigureAwait(false);
            if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true)
            {
                await stream.FlushAsync(call.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure)
        {
            throw Failed(failure);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    // The transport stops taking requests as soon as the server has answered; what it answered is what the response says.
    private Exception Failed(Exception failure)
    {
        if (call.HasEnded)
        {
            return Ended();
        }

        return failure as RpcException ?? new RpcException(HttpErrors.FromException(failure));
    }

    private Exception Ended()
        => call.GetStatus().StatusCode == StatusCode.OK
            ? new InvalidOperationException("Can't write the message because the call is complete.")
            : call.EndException();
}
