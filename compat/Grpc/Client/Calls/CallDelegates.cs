using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>What the public call types ask a call, as delegates made once.</summary>
internal static class CallDelegates
{
    internal static readonly Func<object, Task<Metadata>> Headers = static call => ((ClientCall)call).GetResponseHeadersAsync();

    internal static readonly Func<object, Status> Status = static call => ((ClientCall)call).GetStatus();

    internal static readonly Func<object, Metadata> Trailers = static call => ((ClientCall)call).GetTrailers();

    internal static readonly Action<object> Dispose = static call => ((ClientCall)call).Dispose();
}
