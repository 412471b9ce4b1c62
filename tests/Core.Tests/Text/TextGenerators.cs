using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Text;

/// <summary>Generates the texts that break tokenizers and parsers: tags, halves of tags, white space, foreign scripts.</summary>
internal static class TextGenerators
{
    private static readonly string[] Pieces =
    [
        "]~b]", "[e~[", "]~!b[", "<think>", "</think>", "<minimax:tool_call>", "</minimax:tool_call>", "<invoke name=\"f\">",
        "<invoke name='g'>", "<invoke name=f>", "</invoke>", "<parameter name=\"a\">", "<parameter name=\"days\">",
        "<parameter name=", "</parameter>", "<", "</", "<min", "\"", ">", "\n", "\n\n", " ", "   ", "\t", "\r\n", "'s", "'T", "don't",
        "null", "true", "5", "3.0", "1e999", "{\"k\": [1]}", "[", "user", "Hello", " world", "ABCdef", "12345", "...", "a/b\n/",
        "é", "e\u0301", "ſ", "K", "中文", "日本語", "שלום", "مرحبا", "🚀", "👩‍👩‍👧", "𝐀𝐛", "𠀀𠀁", "𝟘𝟙", "\u0000", "\u0085", "\u2028", "\u00A0",
        "]", "~", "[", "lookup", "word", "lstrip!",
    ];

    /// <summary>Texts without lone surrogates.</summary>
    public static Arbitrary<string> Texts { get; } = Arb.From(
        Gen.OneOf(Gen.Elements(Pieces), Gen.Choose(0x20, 0x2FFFF).Where(Rune.IsValid).Select(value => new Rune(value).ToString()))
            .ListOf().Select(string.Concat),
        Shorter);

    public static Arbitrary<byte[]> Bytes { get; } = Arb.From(
        Gen.OneOf(
            Gen.Elements(Pieces).Select(Encoding.UTF8.GetBytes),
            Gen.Choose(0, 255).Select(value => new[] { (byte)value })).ListOf().Select(parts => parts.SelectMany(part => part).ToArray()));

    /// <summary>Texts for a place of the chat format that must not hold the given tags.</summary>
    public static Gen<string> TextsWithout(params string[] tags)
        => Texts.Generator.Where(text => !tags.Any(tag => text.Contains(tag, StringComparison.Ordinal)));

    private static IEnumerable<string> Shorter(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            yield return string.Concat(runes.Where((_, at) => at != i));
        }
    }
}
