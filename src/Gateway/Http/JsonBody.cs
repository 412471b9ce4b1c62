using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols;
using Microsoft.AspNetCore.Http;

namespace Forge.Gateway.Http;

/// <summary>Reads and writes bodies. What is read is bounded by the listener's limit.</summary>
internal static class JsonBody
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 128 };

    /// <exception cref="ApiFaultException">The body is no JSON object.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The body is encoded as '{encoding}'; send it plain.");
        }

        try
        {
            var document = await JsonDocument.ParseAsync(request.Body, Bounds, cancellationToken);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            var kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The body is JSON of kind {kind}; send an object.");
        }
        catch (JsonException error)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The body is not JSON: {error.Message}", inner: error);
        }
    }

    /// <summary>Writes the body; with its length, unless the head has gone.</summary>
    public static async Task WriteAsync(HttpResponse response, JsonObject body, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        await using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            body.WriteTo(writer);
        }

        if (!response.HasStarted)
        {
            response.ContentType = "application/json";
            response.ContentLength = buffer.WrittenCount;
        }

        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            await response.BodyWriter.WriteAsync(buffer.WrittenMemory, cancellationToken);
        }
    }
}
