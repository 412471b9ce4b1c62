using System.Collections.Immutable;

namespace Forge.Core.Text.Training;

/// <summary>How a small vocabulary is made.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>All tokens together: 256 bytes, merges and special tokens. Fewer come out when the texts hold no more merges.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Tokens that stand for themselves; merges never cross or make one. Ids in this order.</summary>
    public ImmutableArray<string> SpecialTokens { get; init; } = [];

    /// <summary>True: the special tokens have the first ids. False: the last, as in MiniMax-M2.</summary>
    public bool SpecialTokensFirst { get; init; }

    /// <summary>What cuts texts into pieces first (Oniguruma or .NET syntax common to both); null for none.</summary>
    public string? SplitRegex { get; init; }

    /// <summary>Whether the byte-level step splits by GPT-2's own pattern too.</summary>
    public bool UseRegex { get; init; } = true;

    /// <summary>Pairs rarer than this are not merged; at least 1.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>The pattern of MiniMax-M2's kind of tokenizer; goes with <see cref="UseRegex"/> off.</summary>
    public static string O200kRegex { get; } =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
}
