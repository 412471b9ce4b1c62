using Grpc.Core;

namespace Forge.Hosting.Calls;

/// <summary>One call on its way through the retries.</summary>
/// <param name="IsRepeatable">Whether it may be made twice.</param>
/// <param name="Deadline">In UTC; no attempt starts after it.</param>
internal sealed record RetryCall(bool IsRepeatable, DateTime Deadline)
{
    // The longest that a timer takes.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary>How the newest attempt that may be repeated failed: what the caller learns when no further one is answered in time.</summary>
    public RpcException? LastFailure { get; set; }

    public TimeSpan Remaining(TimeProvider time)
    {
        var remaining = Deadline - time.GetUtcNow().UtcDateTime;
        return remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining > Longest ? Longest : remaining;
    }
}
