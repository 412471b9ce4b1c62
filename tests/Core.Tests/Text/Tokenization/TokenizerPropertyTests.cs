using System.Text;
using Forge.Core.Text.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Core.Tests.Text.Tokenization;

public sealed class TokenizerPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(60);

    // Of its added tokens none strips white space.
    private static readonly ByteLevelBpeTokenizer O200k = TokenizerGoldenTests.Load("o200k");
    private static readonly ByteLevelBpeTokenizer Gpt2 = TokenizerGoldenTests.Load("gpt2");

    [Fact]
    public void Decoding_inverts_encoding()
        => Prop.ForAll(TextGenerators.Texts, text => O200k.Decode([.. O200k.Encode(text)]) == text).Check(Runs);

    [Fact]
    public void Decoding_inverts_ordinary_encoding_even_where_added_tokens_strip()
        => Prop.ForAll(TextGenerators.Texts, text => Gpt2.Decode([.. Gpt2.EncodeOrdinary(text)]) == text).Check(Runs);

    [Fact]
    public void Ordinary_encoding_never_gives_an_added_token()
        => Prop.ForAll(TextGenerators.Texts, text => O200k.EncodeOrdinary(text).All(id => id < 1200)).Check(Runs);

    [Fact]
    public void Bytes_survive_encoding_whether_or_not_they_are_text()
        => Prop.ForAll(TextGenerators.Bytes, bytes => O200k.DecodeBytes([.. O200k.EncodeBytes(bytes)]).AsSpan().SequenceEqual(bytes)).Check(Runs);

    [Fact]
    public void Bytes_of_a_text_encode_as_the_text()
        => Prop.ForAll(TextGenerators.Texts, text => O200k.EncodeBytes(Encoding.UTF8.GetBytes(text)).SequenceEqual(O200k.Encode(text)))
            .Check(Runs);

    [Fact]
    public void Streaming_decodes_any_ids_as_at_once()
        => Prop.ForAll(
            Gen.Choose(-1, 1210).ListOf().ToArbitrary(),
            ids =>
            {
                var decoder = O200k.CreateStreamingDecoder();
                var streamed = string.Concat(ids.Select(decoder.Next)) + decoder.Flush();
                return streamed == O200k.Decode([.. ids]);
            }).Check(Runs);

    [Fact]
    public void A_long_piece_merges_like_a_scan_for_the_lowest_rank()
        => Prop.ForAll(
            Gen.Elements("a", "b", "s", "e", "i", "n", "in", "the", "r", "t").ListOf(120).Select(string.Concat).ToArbitrary(),
            text => O200k.Encode(text).SequenceEqual(NaiveEncoder.ForO200k.Encode(text))).Check(Runs.WithMaxTest(60));
}
