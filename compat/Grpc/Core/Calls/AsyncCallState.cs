namespace Grpc.Core;

/// <summary>What every kind of call can be asked; delegates over a state, so that one object per call is enough.</summary>
internal readonly struct AsyncCallState
{
    private readonly object? _state;
    private readonly object _headers;
    private readonly object _status;
    private readonly object _trailers;
    private readonly object _dispose;

    internal AsyncCallState(Task<Metadata> headers, Func<Status> status, Func<Metadata> trailers, Action dispose)
    {
        _state = null;
        _headers = headers;
        _status = status;
        _trailers = trailers;
        _dispose = dispose;
    }

    internal AsyncCallState(
        Func<object, Task<Metadata>> headers, Func<object, Status> status, Func<object, Metadata> trailers, Action<object> dispose, object state)
    {
        _state = state;
        _headers = headers;
        _status = status;
        _trailers = trailers;
        _dispose = dispose;
    }

    internal Task<Metadata> ResponseHeadersAsync()
        => _headers is Func<object, Task<Metadata>> withState ? withState(_state!) : (Task<Metadata>)_headers;

    internal Status GetStatus() => _status is Func<object, Status> withState ? withState(_state!) : ((Func<Status>)_status)();

    internal Metadata GetTrailers() => _trailers is Func<object, Metadata> withState ? withState(_state!) : ((Func<Metadata>)_trailers)();

    internal void Dispose()
    {
        if (_dispose is Action<object> withState)
        {
            withState(_state!);
        }
        else
        {
            ((Action)_dispose)();
        }
    }
}
