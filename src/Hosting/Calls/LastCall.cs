using Grpc.Core;

namespace Forge.Hosting.Calls;

/// <summary>Shows several attempts as one call: headers, status and trailers are those of the last.</summary>
internal sealed class LastCall<TResponse> : IDisposable
{
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancelled = new();
    private AsyncUnaryCall<TResponse>? _call;
    private int _isDisposed;

    public LastCall() => Cancelled = _cancelled.Token;

    /// <summary>Cancelled when the caller disposes its call.</summary>
    public CancellationToken Cancelled { get; }

    public Task<Metadata> HeadersAsync() => _headers.Task;

    public AsyncUnaryCall<TResponse> Set(AsyncUnaryCall<TResponse> call)
    {
        _call?.Dispose();
        return _call = call;
    }

    public Status Status() => _call?.GetStatus() ?? new Status(StatusCode.Unavailable, "no attempt was made");

    public Metadata Trailers() => _call?.GetTrailers() ?? [];

    /// <summary>The outcome is known: so are the headers.</summary>
    public void Ended()
    {
        if (_call is { ResponseHeadersAsync: { IsCompletedSuccessfully: true } headers })
        {
            _headers.TrySetResult(headers.Result);
        }
        else
        {
            _headers.TrySetResult([]);
        }
    }

    /// <summary>Cancels the call unless it has ended.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _cancelled.Cancel();
            _cancelled.Dispose();
            _call?.Dispose();
        }
    }
}
