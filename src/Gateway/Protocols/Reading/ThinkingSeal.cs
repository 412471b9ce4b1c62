using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>
/// Carries an answer's thinking in the field that other vendors encrypt (a thinking block's signature, a reasoning item's
/// <c>encrypted_content</c>), for clients that send back only that. It hides nothing: the digest only tells whether it came back whole.
/// Any gateway opens it, before and after a restart.
/// </summary>
internal static class ThinkingSeal
{
    private const string Prefix = "forge1.";

    private const int DigestBytes = 16;

    public static string Seal(string thinking)
    {
        var text = Encoding.UTF8.GetBytes(thinking);
        return $"{Prefix}{Base64Url.EncodeToString(text)}.{Base64Url.EncodeToString(Digest(text))}";
    }

    /// <summary>The thinking; null when the seal is another vendor's, or was changed.</summary>
    public static string? Open(string? seal)
    {
        if (seal is null || !seal.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var body = seal.AsSpan(Prefix.Length);
        var dot = body.IndexOf('.');
        return dot >= 0 && Base64Url.IsValid(body[..dot]) && Base64Url.IsValid(body[(dot + 1)..])
            ? Opened(Base64Url.DecodeFromChars(body[..dot]), Base64Url.DecodeFromChars(body[(dot + 1)..]))
            : null;
    }

    private static string? Opened(byte[] text, byte[] digest) => Digest(text).SequenceEqual(digest) ? Encoding.UTF8.GetString(text) : null;

    private static ReadOnlySpan<byte> Digest(byte[] text) => SHA256.HashData(text).AsSpan(0, DigestBytes);
}
