using System.Globalization;
using System.Text;

namespace Forge.DataPool.Rows;

/// <summary>
/// Writes any text such that every database gives it back: PostgreSQL refuses the character NUL, and UTF-8 has no half surrogate
/// pairs. Such a character is stored as U+2400 and its code in four hexadecimal digits, U+2400 itself too; all other text stays as it is.
/// </summary>
internal static class StoredText
{
    private const char Mark = '\u2400';
    private const int Digits = 4;

    public static string Write(string text)
    {
        if (!NeedsMarks(text))
        {
            return text;
        }

        var written = new StringBuilder(text.Length + Digits);
        for (var index = 0; index < text.Length; index++)
        {
            if (IsPair(text, index))
            {
                written.Append(text, index++, 2);
            }
            else if (IsMarked(text[index]))
            {
                written.Append(Mark).Append(((int)text[index]).ToString("X4", CultureInfo.InvariantCulture));
            }
            else
            {
                written.Append(text[index]);
            }
        }

        return written.ToString();
    }

    public static string Read(string stored)
    {
        if (!stored.Contains(Mark, StringComparison.Ordinal))
        {
            return stored;
        }

        var text = new StringBuilder(stored.Length);
        for (var index = 0; index < stored.Length; index++)
        {
            if (stored[index] == Mark && index + Digits < stored.Length
                && ushort.TryParse(stored.AsSpan(index + 1, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                text.Append((char)code);
                index += Digits;
            }
            else
            {
                text.Append(stored[index]);
            }
        }

        return text.ToString();
    }

    private static bool NeedsMarks(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (IsPair(text, index))
            {
                index++;
            }
            else if (IsMarked(text[index]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPair(string text, int index) => index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]);

    private static bool IsMarked(char character) => character is '\0' or Mark || char.IsSurrogate(character);
}
