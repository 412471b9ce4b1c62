namespace Forge.Hosting.Listening;

/// <summary>Tells HTTP/2 from HTTP/1.1 by what a client says first: RFC 9113 reserves the method PRI for HTTP/2's preface.</summary>
internal static class ConnectionPreface
{
    /// <summary>Bytes that decide.</summary>
    public const int Length = 4;

    private static ReadOnlySpan<byte> Preface => "PRI "u8;

    /// <summary>Null while the bytes can still become either.</summary>
    public static bool? IsHttp2(ReadOnlySpan<byte> first)
        => !Preface.StartsWith(first) ? false : first.Length == Length ? true : null;
}
