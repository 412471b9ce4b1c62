using Grpc.Core;

namespace Forge.Hosting.Calls;

/// <summary>Refuses calls without a deadline: whoever waits without a bound waits for a process that may be gone.</summary>
internal sealed class DeadlineInterceptor : CallOptionsInterceptor
{
    protected override CallOptions Options(IMethod method, CallOptions options)
        => options.Deadline is not null ? options
            : throw new InvalidOperationException($"{method.FullName} was called without a deadline. Give one: new CallOptions(deadline: …).");
}
