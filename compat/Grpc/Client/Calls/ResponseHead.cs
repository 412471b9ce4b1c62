using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>Reads a response's headers and trailers.</summary>
internal static class ResponseHead
{
    /// <summary>Null when the response is gRPC; else what its HTTP status or content type means.</summary>
    internal static Status? Refusal(HttpResponseMessage response)
    {
        if (response.Version < HttpVersion.Version20)
        {
            return new Status(StatusCode.Internal, $"Bad gRPC response. The protocol is HTTP/{response.Version}; gRPC needs HTTP/2.");
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            // A gRPC server says more than HTTP's number, where it answered at all.
            return StatusIn(response.Headers.NonValidated)
                ?? new Status(HttpErrors.FromHttpStatus(response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        }

        var contentType = response.Content.Headers.NonValidated.TryGetValues("content-type", out var values) ? values.ToString() : null;
        return GrpcProtocol.IsGrpcContentType(contentType)
            ? null
            : new Status(StatusCode.Unknown, $"Bad gRPC response. Invalid content-type value: '{contentType}'");
    }

    internal static Status? StatusIn(HttpHeadersNonValidated headers)
    {
        if (!headers.TryGetValues(GrpcProtocol.StatusHeader, out var code))
        {
            return null;
        }

        var detail = headers.TryGetValues(GrpcProtocol.MessageHeader, out var message) ? PercentEncoding.Decode(message.ToString()) : "";
        if (!int.TryParse(code.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new Status(StatusCode.Unknown, $"Bad gRPC response. The grpc-status '{code}' is not a number. {detail}");
        }

        return number switch
        {
            0 when detail.Length == 0 => Status.DefaultSuccess,
            <= (int)StatusCode.Unauthenticated => new Status((StatusCode)number, detail),
            _ => new Status(StatusCode.Unknown, detail),
        };
    }

    internal static Metadata MetadataIn(HttpHeadersNonValidated headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers)
        {
            if (GrpcProtocol.IsHidden(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                BinaryHeader.AddReceived(metadata, name, value);
            }
        }

        return metadata;
    }
}
