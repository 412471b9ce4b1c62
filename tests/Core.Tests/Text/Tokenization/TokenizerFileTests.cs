using Forge.Core.Text.Tokenization;
using Forge.Core.Text.Training;

namespace Forge.Core.Tests.Text.Tokenization;

public sealed class TokenizerFileTests
{
    private static readonly string Trained = new BpeTrainer(new BpeTrainerOptions { VocabularySize = 258 }).Train(["aaaa aaaa bbbb"]);

    [Fact]
    public void Merges_may_be_pairs_or_texts()
    {
        var older = Trained.ReplaceLineEndings("").Replace("[        \"a\",        \"a\"      ]", "\"a a\"", StringComparison.Ordinal);

        Assert.NotEqual(Trained.ReplaceLineEndings(""), older);
        Assert.Equal(ByteLevelBpeTokenizer.Parse(Trained).Encode("aaa"), ByteLevelBpeTokenizer.Parse(older).Encode("aaa"));
    }

    [Fact]
    public void A_whole_piece_is_taken_first_when_the_file_ignores_merges()
    {
        var merged = Trained.Replace("\"vocab\": {", "\"vocab\": { \"bba\": 300,", StringComparison.Ordinal);
        var whole = merged.Replace("\"ignore_merges\": false", "\"ignore_merges\": true", StringComparison.Ordinal);

        Assert.Equal([300], ByteLevelBpeTokenizer.Parse(whole).Encode("bba"));
        Assert.Equal(2, ByteLevelBpeTokenizer.Parse(merged).Encode("bba").Count);
    }

    [Theory]
    [InlineData("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "normalizer")]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model.type")]
    [InlineData("\"byte_fallback\": false", "\"byte_fallback\": true", "model.byte_fallback")]
    [InlineData("\"add_prefix_space\": false", "\"add_prefix_space\": true", "add_prefix_space")]
    public void What_byte_level_BPE_does_not_do_is_refused_by_name(string part, string other, string name)
    {
        var error = Assert.Throws<NotSupportedException>(() => ByteLevelBpeTokenizer.Parse(Trained.Replace(part, other, StringComparison.Ordinal)));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"model\": 3}")]
    [InlineData("{\"pre_tokenizer\": {\"type\": \"ByteLevel\"}, \"model\": {\"vocab\": {\"a\": 1, \"a\": 2}, \"merges\": []}}")]
    [InlineData("{\"pre_tokenizer\": {\"type\": \"ByteLevel\"}, \"model\": {\"vocab\": {\"a\": 1}, \"merges\": [[\"a\"]]}}")]
    public void What_is_no_tokenizer_is_invalid_data(string json)
        => Assert.Throws<InvalidDataException>(() => ByteLevelBpeTokenizer.Parse(json));

    [Fact]
    public void A_missing_byte_a_foreign_merge_and_a_negative_id_are_invalid_data()
    {
        string[] damaged =
        [
            Trained.Replace("\"b\":", "\"bbbb\":", StringComparison.Ordinal),
            Trained.Replace("\"a\",", "\"zz\",", StringComparison.Ordinal),
            Trained.Replace("\"!\": 0", "\"!\": -1", StringComparison.Ordinal),
        ];

        Assert.All(damaged, json => Assert.Throws<InvalidDataException>(() => ByteLevelBpeTokenizer.Parse(json)));
    }

    [Fact]
    public void Load_names_the_file()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("forge-").FullName, "tokenizer.json");
        File.WriteAllText(path, "{");

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => ByteLevelBpeTokenizer.Load(path)).Message, StringComparison.Ordinal);
    }
}
