using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Core.Text.Training;

namespace Forge.Core.Tests.Text.Training;

public sealed class BpeTrainerTests
{
    private static readonly string[] Texts =
    [
        "]~b]user\nlow low low low low lower lower newest newest newest newest newest newest widest widest widest[e~[\n",
        "the cat's hat 12345 你好 你好 <think>the</think>",
    ];

    [Fact]
    public void Train_takes_the_most_frequent_pair_again_and_again()
    {
        var merges = Merges(new BpeTrainerOptions { VocabularySize = 256 + 7, SplitRegex = @"\w+|\W+", UseRegex = false }, [
            "low low low low low lower lower newest newest newest newest newest newest widest widest widest"]);

        // Sennrich et al. (2016), section 3.2, without its end-of-word mark. Counts: "es" and "st" 9, then "est" 9, "lo" 7,
        // "low" 7, "ne", "ew" and "west" 6; of equal counts the pair with the lower ids goes first.
        Assert.Equal(["e s", "es t", "l o", "lo w", "e w", "n ew", "new est"], merges);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Special_tokens_get_the_last_or_the_first_ids(bool first)
    {
        var tokenizer = Train(Options(300) with { SpecialTokensFirst = first });

        var expected = Enumerable.Range(first ? 0 : tokenizer.VocabularySize - 8, 8);
        Assert.Equal(expected, MiniMaxM2Tokens.All.Select(token => tokenizer.TokenId(token)!.Value));
        Assert.Equal([tokenizer.TokenId("[e~[")!.Value], tokenizer.Encode("[e~["));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void The_trained_file_encodes_its_texts_into_fewer_tokens_and_back(bool split, bool useRegex)
    {
        var tokenizer = Train(Options(320) with { SplitRegex = split ? BpeTrainerOptions.O200kRegex : null, UseRegex = useRegex });

        Assert.All(Texts, text =>
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(text, tokenizer.Decode([.. ids]));
            Assert.True(ids.Count < text.Length * 2 / 3, $"{ids.Count} tokens for {text.Length} characters");
        });
    }

    [Fact]
    public void Train_is_deterministic_and_blind_to_the_order_of_texts()
    {
        var trainer = new BpeTrainer(Options(310));

        Assert.Equal(trainer.Train(Texts), trainer.Train(Texts));
        Assert.Equal(trainer.Train(Texts), trainer.Train(Texts.Reverse()));
    }

    [Fact]
    public void Merges_never_use_a_special_tokens_text()
        => Assert.DoesNotContain(Merges(Options(320), ["]~b]]~b]]~b]]~b]"]), _ => true);

    [Fact]
    public void The_vocabulary_has_all_bytes_even_of_an_empty_corpus()
    {
        var tokenizer = ByteLevelBpeTokenizer.Parse(new BpeTrainer(new BpeTrainerOptions { VocabularySize = 512 }).Train([]));

        Assert.Equal(256, tokenizer.VocabularySize);
        Assert.Equal([0xFF, 0xC3, 0x28, 0x00], tokenizer.DecodeBytes([.. tokenizer.EncodeBytes([0xFF, 0xC3, 0x28, 0x00])]));
    }

    [Fact]
    public void Too_small_a_vocabulary_is_refused_with_the_numbers()
    {
        var error = Assert.Throws<ArgumentException>(() => new BpeTrainer(Options(260)).Train(Texts));

        Assert.Contains("260", error.Message, StringComparison.Ordinal);
    }

    private static BpeTrainerOptions Options(int size) => new()
    {
        VocabularySize = size,
        SpecialTokens = MiniMaxM2Tokens.All,
        SplitRegex = BpeTrainerOptions.O200kRegex,
        UseRegex = false,
    };

    private static ByteLevelBpeTokenizer Train(BpeTrainerOptions options)
        => ByteLevelBpeTokenizer.Parse(new BpeTrainer(options).Train(Texts));

    private static ImmutableArray<string> Merges(BpeTrainerOptions options, IEnumerable<string> texts)
    {
        var model = JsonDocument.Parse(new BpeTrainer(options).Train(texts)).RootElement.GetProperty("model");
        return [.. model.GetProperty("merges").EnumerateArray().Select(merge => $"{merge[0]} {merge[1]}")];
    }
}
