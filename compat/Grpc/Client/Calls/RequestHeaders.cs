using System.Net;
using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>Makes the HTTP request of a call.</summary>
internal static class RequestHeaders
{
    private const string UserAgent = "grpc-dotnet-forge/1.0";

    internal static HttpRequestMessage Create(GrpcChannel channel, IMethod method, string? host, in CallOptions options, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, channel.UriOf(method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", UserAgent);
        request.Headers.TryAddWithoutValidation(GrpcProtocol.AcceptEncodingHeader, channel.Compressions.AcceptEncoding);
        request.Headers.Host = host;
        if (options.Headers is { Count: > 0 } headers)
        {
            Add(request, headers);
        }

        return request;
    }

    internal static void Add(HttpRequestMessage request, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (entry.Key == GrpcProtocol.RequestedEncodingHeader)
            {
                continue;
            }

            var value = BinaryHeader.ToWire(entry);
            if (GrpcProtocol.IsReserved(entry.Key) || value.AsSpan().ContainsAnyExceptInRange(' ', '~')
                || !request.Headers.TryAddWithoutValidation(entry.Key, value))
            {
                throw MessageFrame.Fault(
                    StatusCode.Internal,
                    $"The metadata entry '{entry.Key}' can't be sent: its key belongs to HTTP or gRPC, or its value is not printable ASCII.");
            }
        }
    }
}
