using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Shared;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Cuts a request's body into messages, which are read straight from HTTP's own buffers. HTTP/2's windows open as bytes arrive
/// here, so a message may be larger than a window; no more than one message and one window are held. One reader at a time.
/// </summary>
internal sealed class RequestReader(PipeReader body, MessageDecoder decoder)
{
    /// <summary>The next message; null at the end of the body.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<T?> ReadAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled)
            {
                throw new OperationCanceledException();
            }

            if (TryTake(result.Buffer, marshaller, out var message))
            {
                return message;
            }

            if (!result.IsCompleted)
            {
                body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            return result.Buffer.IsEmpty
                ? null
                : throw MessageFrame.Fault(StatusCode.Internal, $"The request ended inside a message: {result.Buffer.Length} bytes of it arrived.");
        }
    }

    /// <summary>The one message of a request that has one.</summary>
    internal async ValueTask<T> ReadSingleAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class
    {
        var message = await ReadAsync(marshaller, cancellationToken).ConfigureAwait(false)
            ?? throw MessageFrame.Fault(StatusCode.Internal, "Incomplete message: the request ended without one.");
        var rest = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!rest.Buffer.IsEmpty)
        {
            throw MessageFrame.Fault(StatusCode.Internal, "Additional data after the message received: this call has one request.");
        }

        body.AdvanceTo(rest.Buffer.End);
        return message;
    }

    private bool TryTake<T>(ReadOnlySequence<byte> buffer, Marshaller<T> marshaller, out T? message)
        where T : class
    {
        message = null;
        if (buffer.Length < MessageFrame.HeaderSize)
        {
            return false;
        }

        var length = ReadHeader(buffer, out var compressed);
        if (buffer.Length < MessageFrame.HeaderSize + length)
        {
            return false;
        }

        var payload = buffer.Slice(MessageFrame.HeaderSize, length);
        message = decoder.Decode(marshaller, payload, compressed);
        body.AdvanceTo(payload.End);
        return true;
    }

    private int ReadHeader(ReadOnlySequence<byte> buffer, out bool compressed)
    {
        if (buffer.FirstSpan.Length >= MessageFrame.HeaderSize)
        {
            return MessageFrame.ReadHeader(buffer.FirstSpan, decoder.MaxReceiveMessageSize, out compressed);
        }

        Span<byte> header = stackalloc byte[MessageFrame.HeaderSize];
        buffer.Slice(0, MessageFrame.HeaderSize).CopyTo(header);
        return MessageFrame.ReadHeader(header, decoder.MaxReceiveMessageSize, out compressed);
    }
}
