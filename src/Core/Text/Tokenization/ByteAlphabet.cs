namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Maps each byte to the printable character that stands for it in a byte-level vocabulary, and back
/// (GPT-2's table: printable Latin-1 stands for itself, the 68 others are moved to U+0100 and up).
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstMoved = 0x100;

    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    public static char ToCharacter(byte value) => Characters[value];

    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        var text = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            text[i] = Characters[bytes[i]];
        }

        return new string(text);
    }

    /// <summary>False when a character stands for no byte; then the token is not made of bytes.</summary>
    public static bool TryToBytes(string token, out byte[] bytes)
    {
        bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            var value = token[i] < Bytes.Length ? Bytes[token[i]] : (short)-1;
            if (value < 0)
            {
                bytes = [];
                return false;
            }

            bytes[i] = (byte)value;
        }

        return true;
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        var moved = FirstMoved;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            characters[value] = (char)(printable ? value : moved++);
        }

        return characters;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
