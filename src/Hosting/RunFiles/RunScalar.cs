namespace Forge.Hosting.RunFiles;

/// <summary>One word, number or text.</summary>
/// <param name="Place">Where it was written.</param>
/// <param name="Text">What was written, without quotes.</param>
/// <param name="IsQuoted">A quoted value is text, never a number or a switch.</param>
internal sealed record RunScalar(string Place, string Text, bool IsQuoted) : RunNode(Place)
{
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null";
}
