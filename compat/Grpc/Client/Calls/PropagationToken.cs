using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>A served call's deadline and cancellation, on their way into the calls that serving it makes.</summary>
internal sealed class PropagationToken(DateTime? deadline, CancellationToken cancellationToken) : ContextPropagationToken
{
    internal DateTime? Deadline => deadline;

    internal CancellationToken CancellationToken => cancellationToken;
}
