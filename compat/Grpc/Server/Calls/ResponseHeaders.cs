using System.Globalization;
using Grpc.Core;
using Grpc.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server;

/// <summary>Writes metadata and statuses into HTTP's headers and trailers.</summary>
internal static class ResponseHeaders
{
    private static readonly string[] Codes =
        [.. Enumerable.Range(0, (int)StatusCode.Unauthenticated + 1).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    internal static void Add(IHeaderDictionary target, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (entry.Key == GrpcProtocol.RequestedEncodingHeader)
            {
                continue;
            }

            var value = BinaryHeader.ToWire(entry);
            if (GrpcProtocol.IsReserved(entry.Key) || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new InvalidOperationException(
                    $"The metadata entry '{entry.Key}' can't be sent: its key belongs to HTTP or gRPC, or its value is not printable ASCII.");
            }

            // Append would leave out empty values, which are values too.
            target[entry.Key] = StringValues.Concat(target[entry.Key], value);
        }
    }

    internal static void SetStatus(IHeaderDictionary target, in Status status)
    {
        var code = (int)status.StatusCode;
        target[GrpcProtocol.StatusHeader] = (uint)code < Codes.Length ? Codes[code] : code.ToString(CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(status.Detail))
        {
            target[GrpcProtocol.MessageHeader] = PercentEncoding.Encode(status.Detail);
        }
    }

    internal static Metadata Received(IHeaderDictionary headers)
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
                BinaryHeader.AddReceived(metadata, name, value ?? "");
            }
        }

        return metadata;
    }
}
