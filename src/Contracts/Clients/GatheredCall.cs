using System.Diagnostics;

namespace Forge.Contracts.Clients;

/// <summary>One caller's item on its way into a call with others.</summary>
internal sealed class GatheredCall<TItem, TAnswer>(TItem item, long size, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<TAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TItem Item => item;

    /// <summary>Bytes that it adds to the call.</summary>
    public long Size => size;

    /// <summary>Cancelled when its caller gives up.</summary>
    public CancellationToken GivenUp => cancellationToken;

    /// <summary>The caller's span, which the call belongs to when this item comes first in it.</summary>
    public Activity? Trace { get; } = Activity.Current;

    public Task<TAnswer> Answer => _answer.Task.WaitAsync(cancellationToken);

    public void Succeed(TAnswer answer) => _answer.TrySetResult(answer);

    public void Fail(Exception fault)
    {
        if (_answer.TrySetException(fault))
        {
            // Its caller may have gone.
            _ = _answer.Task.Exception;
        }
    }
}
