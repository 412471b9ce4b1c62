using System.Buffers;
using System.Globalization;
using System.Text;

namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Rewrites a text so that .NET's regular expressions, which see UTF-16 units, split it as an engine that sees code
/// points does: every code point outside the basic plane becomes one unit of the same Unicode category.
/// </summary>
internal sealed class CategoryShadow
{
    // One character of the basic plane per Unicode category; none of them is named by the patterns in use.
    private static readonly char[] StandIns = BuildStandIns();

    private readonly int[] _starts;

    private CategoryShadow(string text, int[] starts)
    {
        Text = text;
        _starts = starts;
    }

    /// <summary>The rewritten text; unit i stands for the original text from <see cref="Start"/>(i).</summary>
    public string Text { get; }

    public static bool IsNeeded(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    public static CategoryShadow Of(ReadOnlySpan<char> text)
    {
        var shadow = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length + 1);
        for (var at = 0; at < text.Length;)
        {
            var whole = Rune.DecodeFromUtf16(text[at..], out var rune, out var units) == OperationStatus.Done;
            starts.Add(at);
            shadow.Append(!whole || rune.IsBmp ? (char)rune.Value : StandIns[(int)Rune.GetUnicodeCategory(rune)]);
            at += units;
        }

        starts.Add(text.Length);
        return new CategoryShadow(shadow.ToString(), [.. starts]);
    }

    /// <summary>Where the original of unit <paramref name="index"/> starts; the length of the text for the end.</summary>
    public int Start(int index) => _starts[index];

    private static char[] BuildStandIns()
    {
        var standIns = new char[30];
        Array.Fill(standIns, '\uFFFD');
        for (var c = '\u0250'; c < '\uFFF0'; c++)
        {
            ref var standIn = ref standIns[(int)CharUnicodeInfo.GetUnicodeCategory(c)];
            standIn = standIn == '\uFFFD' ? c : standIn;
        }

        // A surrogate never stands in for anything.
        standIns[(int)UnicodeCategory.Surrogate] = '\uFFFD';
        return standIns;
    }
}
