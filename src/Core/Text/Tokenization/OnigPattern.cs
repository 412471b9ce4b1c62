using System.Text;
using System.Text.RegularExpressions;

namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Translates a pre-tokenizer's Oniguruma pattern (Ruby's syntax) to .NET's. The same in both: classes, categories,
/// lazy and counted repeats, look-around, <c>\s</c>. Different, and rewritten: possessive repeats (<c>x++</c> becomes
/// <c>(?>x+)</c>), a plus after a count, which repeats (<c>x{1,3}+</c> becomes <c>(?:x{1,3})+</c>), and
/// case-insensitive groups of plain text (each letter becomes a class that also holds the long s and the Kelvin sign,
/// which fold to s and k). Different and refused: class intersections and script names.
/// </summary>
internal static class OnigPattern
{
    private const string CaseInsensitiveGroup = "(?i:";

    /// <exception cref="NotSupportedException">The pattern uses syntax that has no counterpart.</exception>
    public static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(Translate(pattern), RegexOptions.Compiled | RegexOptions.CultureInvariant);
        }
        catch (RegexParseException error)
        {
            throw new NotSupportedException($"The pattern '{pattern}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The same pattern in .NET's syntax.</summary>
    public static string Translate(string pattern)
    {
        var output = new StringBuilder(pattern.Length + 16);
        var openGroups = new Stack<int>();
        var atom = 0;
        for (var at = 0; at < pattern.Length;)
        {
            var start = at;
            switch (pattern[at])
            {
                case '\\':
                    at = EndOfEscape(pattern, at);
                    atom = output.Length;
                    break;
                case '[':
                    at = EndOfClass(pattern, at);
                    atom = output.Length;
                    break;
                case '(' when PlainCaseInsensitiveGroup(pattern, at) is { } end:
                    atom = output.Length;
                    AppendFolded(output, pattern[(at + CaseInsensitiveGroup.Length)..(end - 1)]);
                    at = end;
                    continue;
                case '(':
                    openGroups.Push(output.Length);
                    at++;
                    break;
                case ')':
                    atom = openGroups.TryPop(out var open) ? open : output.Length;
                    at++;
                    break;
                case '?' or '*' or '+' or '{' when start > 0:
                    at = EndOfRepeat(pattern, at, out var plus);
                    output.Append(pattern, start, at - start - (plus ? 1 : 0));
                    if (plus)
                    {
                        var counted = pattern[start] == '{';
                        output.Insert(atom, counted ? "(?:" : "(?>").Append(counted ? ")+" : ")");
                    }

                    continue;
                default:
                    at++;
                    atom = output.Length;
                    break;
            }

            output.Append(pattern, start, at - start);
        }

        return output.ToString();
    }

    private static int EndOfEscape(string pattern, int at)
    {
        if (at + 2 < pattern.Length && pattern[at + 1] is 'p' or 'P' && pattern[at + 2] == '{')
        {
            var close = pattern.IndexOf('}', at);
            return close < 0 ? pattern.Length : close + 1;
        }

        return Math.Min(at + 2, pattern.Length);
    }

    private static int EndOfClass(string pattern, int at)
    {
        var start = at++;
        at += at < pattern.Length && pattern[at] == '^' ? 1 : 0;
        at += at < pattern.Length && pattern[at] == ']' ? 1 : 0;
        while (at < pattern.Length && pattern[at] != ']')
        {
            if (pattern[at] == '[' || pattern.AsSpan(at).StartsWith("&&", StringComparison.Ordinal))
            {
                throw new NotSupportedException(
                    $"The pattern '{pattern}' nests or intersects classes at character {start}; write the class out instead.");
            }

            at = pattern[at] == '\\' ? EndOfEscape(pattern, at) : at + 1;
        }

        return Math.Min(at + 1, pattern.Length);
    }

    // A '{' that opens no count, such as "{x", is an ordinary character in both syntaxes.
    private static int EndOfRepeat(string pattern, int at, out bool plus)
    {
        plus = false;
        var end = at + 1;
        if (pattern[at] == '{')
        {
            while (end < pattern.Length && (char.IsAsciiDigit(pattern[end]) || pattern[end] == ','))
            {
                end++;
            }

            if (end >= pattern.Length || pattern[end] != '}')
            {
                return at + 1;
            }

            end++;
        }

        plus = end < pattern.Length && pattern[end] == '+';
        return end < pattern.Length && pattern[end] is '+' or '?' ? end + 1 : end;
    }

    private static int? PlainCaseInsensitiveGroup(string pattern, int at)
    {
        if (!pattern.AsSpan(at).StartsWith(CaseInsensitiveGroup, StringComparison.Ordinal))
        {
            return null;
        }

        for (var end = at + CaseInsensitiveGroup.Length; end < pattern.Length; end++)
        {
            if (pattern[end] == ')')
            {
                return end + 1;
            }

            if (!char.IsAsciiLetter(pattern[end]) && pattern[end] is not ('\'' or '|' or '’'))
            {
                return null;
            }
        }

        return null;
    }

    private static void AppendFolded(StringBuilder output, string text)
    {
        output.Append("(?:");
        foreach (var c in text)
        {
            if (!char.IsAsciiLetter(c))
            {
                output.Append(c);
                continue;
            }

            var special = char.ToLowerInvariant(c) switch { 's' => "\u017F", 'k' => "\u212A", _ => "" };
            output.Append('[').Append(char.ToLowerInvariant(c)).Append(char.ToUpperInvariant(c)).Append(special).Append(']');
        }

        output.Append(')');
    }
}
