namespace Forge.Core.Text.Tokenization;

/// <summary>A token that is recognised in the text as a whole, before any splitting or merging.</summary>
/// <param name="Id">Its id; it may lie beyond the merged vocabulary.</param>
/// <param name="Content">The exact text.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Left out by a decoding that skips special tokens.</summary>
    public bool Special { get; init; }

    /// <summary>Recognised only where no word character touches it on either side.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Swallows the white space before it; decoding does not give it back.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Swallows the white space after it; decoding does not give it back.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Looked for in a second pass, in what the other added tokens left over.</summary>
    public bool Normalized { get; init; }
}
