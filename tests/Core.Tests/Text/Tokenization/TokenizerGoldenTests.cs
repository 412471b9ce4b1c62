using System.Text;
using System.Text.Json;
using Forge.Core.Text.Tokenization;
using Forge.TestKit;

namespace Forge.Core.Tests.Text.Tokenization;

public sealed class TokenizerGoldenTests
{
    public static TheoryData<string> Tokenizers => ["gpt2", "o200k"];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Encode_gives_the_ids_of_the_reference_library(string name)
    {
        var tokenizer = Load(name);

        Assert.All(Cases(name), golden => Assert.Equal(Ids(golden), tokenizer.Encode(Text(golden, "text"))));
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void EncodeBytes_gives_the_same_ids_for_valid_text(string name)
    {
        var tokenizer = Load(name);

        Assert.All(Cases(name), golden =>
            Assert.Equal(Ids(golden), tokenizer.EncodeBytes(Encoding.UTF8.GetBytes(Text(golden, "text")))));
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decode_gives_the_texts_of_the_reference_library(string name)
    {
        var tokenizer = Load(name);

        Assert.All(Cases(name), golden => Assert.Equal(Text(golden, "decoded"), tokenizer.Decode(Ids(golden))));
        Assert.All(Cases(name), golden =>
            Assert.Equal(Text(golden, "decoded_skip_special"), tokenizer.Decode(Ids(golden), skipSpecial: true)));
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void A_streaming_decoder_gives_the_same_text_id_by_id(string name)
    {
        var tokenizer = Load(name);

        Assert.All(Cases(name), golden =>
        {
            var decoder = tokenizer.CreateStreamingDecoder();

            var text = string.Concat(Ids(golden).Select(decoder.Next)) + decoder.Flush();

            Assert.Equal(Text(golden, "decoded"), text);
        });
    }

    [Fact]
    public void The_vocabulary_reaches_past_the_highest_added_token()
    {
        var tokenizer = Load("o200k");

        Assert.Equal(1208, tokenizer.VocabularySize);
        Assert.Equal(1202, tokenizer.TokenId("[e~["));
        Assert.Null(tokenizer.TokenId("no such token"));
        Assert.Equal(8, tokenizer.AddedTokens.Length);
    }

    internal static ByteLevelBpeTokenizer Load(string name)
        => ByteLevelBpeTokenizer.Load(Golden.Path($"tokenizer/{name}.tokenizer.json"));

    private static JsonElement[] Cases(string name)
    {
        var cases = JsonDocument.Parse(File.ReadAllText(Golden.Path($"tokenizer/{name}.cases.json"))).RootElement;
        return [.. cases.GetProperty("cases").EnumerateArray()];
    }

    private static string Text(JsonElement golden, string key) => golden.GetProperty(key).GetString()!;

    private static int[] Ids(JsonElement golden) => [.. golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}
