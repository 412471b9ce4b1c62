using System.Net;
using System.Net.Http.Headers;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>
/// The body of a call with one request. HTTP may ask for it again, on another connection, so its buffer lives as long as the call does.
/// </summary>
internal sealed class MessageContent : HttpContent
{
    internal static readonly MediaTypeHeaderValue MediaType = new(GrpcProtocol.ContentType);

    private readonly PooledBufferWriter _frame;
    private readonly Lock _lock = new();
    private int _writers;
    private bool _released;

    internal MessageContent(PooledBufferWriter frame)
    {
        _frame = frame;
        Headers.ContentType = MediaType;
    }

    /// <summary>The call has ended: the buffer goes back as soon as nobody writes it.</summary>
    internal void Release()
    {
        lock (_lock)
        {
            _released = true;
            DisposeUnusedNeedsLock();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_released, this);
            _writers++;
        }

        try
        {
            await stream.WriteAsync(_frame.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _writers--;
                DisposeUnusedNeedsLock();
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private void DisposeUnusedNeedsLock()
    {
        if (_released && _writers == 0)
        {
            _frame.Dispose();
        }
    }
}
