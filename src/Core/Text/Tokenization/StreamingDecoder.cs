using System.Text;

namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Decodes a stream of token ids to text, holding back the bytes of an unfinished character. What it gives out,
/// together with <see cref="Flush"/>, is what decoding all ids at once gives. Not for several threads at a time.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly ByteLevelBpeTokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    internal StreamingDecoder(ByteLevelBpeTokenizer tokenizer, bool skipSpecial)
    {
        _tokenizer = tokenizer;
        _skipSpecial = skipSpecial;
    }

    /// <summary>Takes one id; returns the text that is complete with it, which may be empty.</summary>
    public string Next(int id) => Convert(_tokenizer.BytesOf(id, _skipSpecial), flush: false);

    /// <summary>Ends the stream: an unfinished character comes out as U+FFFD.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[64];
        if (bytes.Length + 4 > characters.Length)
        {
            characters = new char[bytes.Length + 4];
        }

        return new string(characters[.._utf8.GetChars(bytes, characters, flush)]);
    }
}
