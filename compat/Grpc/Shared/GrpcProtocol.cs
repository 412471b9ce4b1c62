namespace Grpc.Shared;

/// <summary>The names that gRPC has on the wire, and its defaults.</summary>
internal static class GrpcProtocol
{
    internal const string ContentType = "application/grpc";
    internal const string StatusHeader = "grpc-status";
    internal const string MessageHeader = "grpc-message";
    internal const string TimeoutHeader = "grpc-timeout";
    internal const string EncodingHeader = "grpc-encoding";
    internal const string AcceptEncodingHeader = "grpc-accept-encoding";
    internal const string IdentityEncoding = "identity";

    /// <summary>A header that is never sent: names the compression of this call's messages.</summary>
    internal const string RequestedEncodingHeader = "grpc-internal-encoding-request";

    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>The longest that a timer runs; a later deadline has none on this side.</summary>
    internal static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private static readonly HashSet<string> Hidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "content-length", "content-encoding", "te", "trailer", "host", "connection", "transfer-encoding",
        StatusHeader, MessageHeader, TimeoutHeader, EncodingHeader, AcceptEncodingHeader, "grpc-message-type",
    };

    private static readonly HashSet<string> SetByTransport = new(StringComparer.OrdinalIgnoreCase) { "user-agent", "date", "server" };

    /// <summary>Headers of HTTP or gRPC itself that are no part of a call's metadata.</summary>
    internal static bool IsHidden(string name) => name.StartsWith(':') || Hidden.Contains(name);

    /// <summary>Headers that a call's metadata can't set.</summary>
    internal static bool IsReserved(string name) => IsHidden(name) || SetByTransport.Contains(name);

    internal static bool IsGrpcContentType(string? contentType)
        => contentType is not null
            && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
            && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is ';' or '+');
}
