using System.Net;
using System.Net.Http.Headers;

namespace Forge.Grpc.Tests.Wire;

/// <summary>HTTP/2 requests and responses whose every byte a test chooses.</summary>
internal static class RawCall
{
    internal const string Unary = "/forge.grpc.tests.v1.EchoService/Unary";

    internal static byte[] Frame(byte[] payload, byte flag = 0) => [flag, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    /// <summary>Sends a body to a server; gives the HTTP status, grpc-status and grpc-message.</summary>
    internal static async Task<(HttpStatusCode Http, string? Status, string? Message)> SendAsync(
        Uri server, byte[] body, string path = Unary, string contentType = "application/grpc", params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return (response.StatusCode, Find(response, "grpc-status"), Find(response, "grpc-message"));
    }

    private static string? Find(HttpResponseMessage response, string name)
        => response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.Single()
            : response.Headers.TryGetValues(name, out var headers) ? headers.Single()
            : null;
}
