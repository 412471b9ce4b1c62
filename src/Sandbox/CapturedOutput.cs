using System.Text;

namespace Forge.Sandbox;

/// <summary>The first bytes that a program wrote to a stream, and how many it wrote in all.</summary>
public sealed record CapturedOutput(ReadOnlyMemory<byte> Kept, long Total)
{
    public bool IsCut => Total > Kept.Length;

    /// <summary>The kept bytes as UTF-8; what is none becomes U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(Kept.Span);
}
