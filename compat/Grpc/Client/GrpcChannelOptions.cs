using Grpc.Core;
using Grpc.Net.Compression;
using Grpc.Shared;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>What a channel may set.</summary>
public sealed class GrpcChannelOptions
{
    public GrpcChannelOptions()
    {
    }

    /// <summary>By the address's scheme when not set: http is insecure, https is TLS.</summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>In bytes; null is no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>In bytes, before and after decompression; null is no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = GrpcProtocol.DefaultMaxReceiveMessageSize;

    /// <summary>gzip and deflate when not set.</summary>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Sends the requests, in place of <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Sends the requests: the place for client certificates, Unix sockets, window sizes and pings.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether disposing the channel disposes the client or handler given here.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Cancelled calls, and those past their deadline, throw <see cref="OperationCanceledException"/>.</summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>Sends call credentials without TLS too.</summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }
}
