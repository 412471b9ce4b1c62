using System.IO.Compression;
using Grpc.Net.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>What a server may set for all services.</summary>
public class GrpcServiceOptions
{
    private int? _maxSendMessageSize;
    private int? _maxReceiveMessageSize;

    public GrpcServiceOptions()
    {
    }

    /// <summary>In bytes; null is no limit.</summary>
    public int? MaxSendMessageSize
    {
        get => _maxSendMessageSize;
        set => (_maxSendMessageSize, MaxSendMessageSizeSpecified) = (value, true);
    }

    public bool MaxSendMessageSizeSpecified { get; set; }

    /// <summary>In bytes, before and after decompression; null is no limit, 4 MiB when nothing is set.</summary>
    public int? MaxReceiveMessageSize
    {
        get => _maxReceiveMessageSize;
        set => (_maxReceiveMessageSize, MaxReceiveMessageSizeSpecified) = (value, true);
    }

    public bool MaxReceiveMessageSizeSpecified { get; set; }

    /// <summary>Sends the text of exceptions to the caller.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>Compresses responses, for clients that accept it.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>gzip and deflate when not set.</summary>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>Leaves requests for unknown services and methods to the rest of the application.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    /// <summary>The first sees a call first; a service's own come after these.</summary>
    public InterceptorCollection Interceptors { get; } = [];
}
