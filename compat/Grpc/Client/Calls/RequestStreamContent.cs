using System.Net;

namespace Grpc.Net.Client.Calls;

/// <summary>The body of a call with many requests: hands HTTP's stream to the writer and stays until the writer has completed.</summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RequestStreamContent()
    {
        Headers.ContentType = MessageContent.MediaType;
    }

    /// <summary>Where to write, once the request has begun.</summary>
    internal Task<Stream> Stream => _stream.Task;

    /// <summary>No more requests.</summary>
    internal void Complete() => _completed.TrySetResult();

    /// <summary>
    /// The call has ended: whoever waits for the stream does not get it. Unless the server ended the call, the body must not look
    /// complete: a half-closed stream would tell the server that all requests have arrived.
    /// </summary>
    internal void End(bool byServer)
    {
        _stream.TrySetCanceled();
        if (byServer)
        {
            _completed.TrySetResult();
        }
        else
        {
            _completed.TrySetCanceled();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The server must see the call before its first message: it may be the one to speak first.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!_stream.TrySetResult(stream) && !_stream.Task.IsCanceled)
        {
            throw new IOException("The connection was lost and the call can't be sent again: its requests are a stream.");
        }

        await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
