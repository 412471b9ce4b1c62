using Forge.Contracts.V1;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>What a method learns about a call that came over a stream: its own deadline and cancellation, and the caller of the stream.</summary>
internal sealed class StreamedCallContext(StreamedCall call, ServerCallContext stream, DateTime deadline, CancellationToken cancellationToken)
    : ServerCallContext
{
    // Where GetHttpContext looks for it in contexts that the server did not make.
    private const string HttpContextKey = "__HttpContext";

    protected override string MethodCore => call.Method;

    protected override string HostCore => stream.Host;

    protected override string PeerCore => stream.Peer;

    protected override DateTime DeadlineCore => deadline;

    protected override Metadata RequestHeadersCore => stream.RequestHeaders;

    protected override CancellationToken CancellationTokenCore => cancellationToken;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => stream.AuthContext;

    protected override IDictionary<object, object> UserStateCore { get; } = new Dictionary<object, object> { [HttpContextKey] = stream.GetHttpContext() };

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
        => throw new NotSupportedException("A call over a stream has no response headers of its own.");

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options)
        => throw new NotSupportedException("Calls made from a call over a stream name their own deadline and token.");
}
