using System.Text.RegularExpressions;

namespace Forge.Core.Text.Tokenization;

/// <summary>One regular expression of the pre-tokenizer: its matches, and what lies between them, become pieces.</summary>
/// <param name="Pattern">In .NET's syntax.</param>
/// <param name="KeepMatches">False drops the matches' text (behaviour "Removed").</param>
/// <param name="KeepGaps">False drops the text between matches (behaviour "Removed", inverted).</param>
internal sealed record SplitStep(Regex Pattern, bool KeepMatches = true, bool KeepGaps = true)
{
    /// <summary>What GPT-2 splits by, and the ByteLevel pre-tokenizer with <c>use_regex</c>.</summary>
    public const string Gpt2Pattern =
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
}
