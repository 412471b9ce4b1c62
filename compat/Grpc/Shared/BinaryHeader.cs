using Grpc.Core;

namespace Grpc.Shared;

/// <summary>Metadata values on the wire: text as it is, bytes as Base64 without padding.</summary>
internal static class BinaryHeader
{
    internal static string ToWire(Metadata.Entry entry)
        => entry.IsBinary ? Convert.ToBase64String(entry.RawBytes).TrimEnd('=') : entry.Value;

    /// <summary>Adds what a header carries: Base64 values may be joined by commas, with or without padding.</summary>
    internal static void AddReceived(Metadata metadata, string name, string value)
    {
        var key = MetadataKeys.Lower(name);
        if (!Metadata.Entry.HasBinarySuffix(key))
        {
            metadata.Add(Metadata.Entry.Received(key, value));
            return;
        }

        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            metadata.Add(Metadata.Entry.Received(key, Decode(key, part)));
        }
    }

    private static byte[] Decode(string key, string text)
    {
        try
        {
            var bare = text.TrimEnd('=');
            return Convert.FromBase64String(bare.PadRight((bare.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The value of the metadata key '{key}' is not Base64."));
        }
    }
}
