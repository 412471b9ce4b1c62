using System.Buffers;

namespace Grpc.Core;

/// <summary>Which characters a key may have.</summary>
internal static class MetadataKeys
{
    internal static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    private static readonly SearchValues<char> Upper = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Keys go over the wire in lower case; most are written so.</summary>
    internal static string Lower(string key)
        => key.AsSpan().ContainsAny(Upper) ? string.Create(key.Length, key, static (text, from) => from.AsSpan().ToLowerInvariant(text)) : key;
}
