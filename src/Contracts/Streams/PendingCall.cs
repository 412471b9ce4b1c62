using Forge.Contracts.V1;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>A call that waits for its answer. Whatever comes first decides: the answer, the deadline, the caller's giving up, or the stream's end.</summary>
internal sealed class PendingCall : IDisposable
{
    private readonly TaskCompletionSource<StreamedAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource? _deadline;
    private Action? _giveUp;
    private CancellationTokenRegistration _onDeadline;
    private CancellationTokenRegistration _onCancel;

    public PendingCall(TimeSpan? timeout, TimeProvider time)
    {
        if (timeout is { } wait)
        {
            _deadline = new CancellationTokenSource(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time);
        }
    }

    /// <summary>Faults with an <see cref="RpcException"/>.</summary>
    public Task<StreamedAnswer> Answer => _answer.Task;

    /// <param name="giveUp">Told once when the call ends here before it was answered.</param>
    /// <param name="cancelled">The caller's.</param>
    public void Watch(Action giveUp, CancellationToken cancelled)
    {
        _giveUp = giveUp;
        _onDeadline = _deadline?.Token.UnsafeRegister(
            _ => End(new Status(StatusCode.DeadlineExceeded, "the call was not answered within its deadline")), null) ?? default;
        _onCancel = cancelled.UnsafeRegister(_ => End(new Status(StatusCode.Cancelled, "the caller gave the call up")), null);
    }

    public void Succeed(StreamedAnswer answer) => _answer.TrySetResult(answer);

    public void Fail(RpcException error) => _answer.TrySetException(new RpcException(error.Status, error.Trailers));

    /// <summary>Ends the call for a caller who is no longer interested.</summary>
    public void Abandon() => End(new Status(StatusCode.Cancelled, "the call was disposed"));

    public void Dispose()
    {
        _onDeadline.Dispose();
        _onCancel.Dispose();
        _deadline?.Dispose();
    }

    private void End(Status status)
    {
        if (_answer.TrySetException(new RpcException(status)))
        {
            _giveUp?.Invoke();
        }
    }
}
