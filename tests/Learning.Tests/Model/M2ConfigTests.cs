using System.Text.Json.Nodes;
using Forge.Core.Faults;
using Forge.Learning.Model.Configuration;
using Forge.TestKit;

namespace Forge.Learning.Tests.Model;

public sealed class M2ConfigTests
{
    [Fact]
    public void Read_takes_the_public_keys()
    {
        var config = M2ConfigReader.Read(Golden.Path("m2_tiny_d_fp8"));

        Assert.Equal((256, 2, 6, 2), (config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.NumKeyValueHeads));
        Assert.Equal((48, 32, 192), (config.HeadDim, config.RotaryDim, config.IntermediateSize));
        Assert.Equal((8, 2, 320), (config.NumLocalExperts, config.NumExpertsPerToken, config.VocabSize));
        Assert.Equal((5e6, 1e-6, 3), (config.RopeTheta, config.RmsNormEps, config.NumMtpModules));
        Assert.Empty(config.EosTokenIds);
    }

    [Fact]
    public void ParameterCount_of_the_real_M2_is_228_69_billion()
    {
        var config = TinyModel.Config with
        {
            VocabSize = 200_064,
            HiddenSize = 3072,
            NumHiddenLayers = 62,
            NumAttentionHeads = 48,
            NumKeyValueHeads = 8,
            HeadDim = 128,
            RotaryDim = 64,
            IntermediateSize = 1536,
            NumLocalExperts = 256,
            NumExpertsPerToken = 8,
        };

        Assert.Equal(228.69, config.ParameterCount / 1e9, 2);
    }

    [Fact]
    public void Writing_and_reading_keeps_every_key()
    {
        var file = Path.Combine(Golden.Path("m2_tiny_a"), "config.json");
        var before = JsonNode.Parse(File.ReadAllText(file))!.AsObject();

        var text = M2ConfigWriter.ToJson(M2ConfigReader.Read(file), "float32");

        var after = JsonNode.Parse(text)!.AsObject();
        Assert.All(before, pair => Assert.True(JsonNode.DeepEquals(pair.Value, after[pair.Key]), pair.Key));
        Assert.Equal(text, M2ConfigWriter.ToJson(M2ConfigReader.Parse(text, "again"), "float32"));
    }

    [Fact]
    public void Writing_drops_the_quantisation_that_the_weights_no_longer_have()
        => Assert.Null(JsonNode.Parse(M2ConfigWriter.ToJson(M2ConfigReader.Read(Golden.Path("m2_tiny_d_fp8")), "bfloat16"))!["quantization_config"]);

    [Theory]
    [InlineData("num_attention_heads", "5", "multiple of num_key_value_heads")]
    [InlineData("hidden_size", "0", "hidden_size is 0")]
    [InlineData("hidden_size", "\"big\"", "hidden_size is \"big\"")]
    [InlineData("hidden_size", "64.5", "whole number")]
    [InlineData("rotary_dim", "15", "rotary_dim is 15")]
    [InlineData("rotary_dim", "34", "rotary_dim is 34")]
    [InlineData("num_experts_per_tok", "9", "exceeds num_local_experts")]
    [InlineData("scoring_func", "\"softmax\"", "scoring_func is \"softmax\"")]
    [InlineData("tie_word_embeddings", "true", "tie_word_embeddings is true")]
    [InlineData("shared_intermediate_size", "64", "shared_intermediate_size is 64")]
    [InlineData("model_type", "\"llama\"", "model_type is \"llama\"")]
    [InlineData("attn_type_list", "[1, 0, 1]", "attn_type_list is [1,0,1]")]
    [InlineData("partial_rotary_factor", "0.25", "remove one of them")]
    [InlineData("eos_token_id", "[1, \"x\"]", "eos_token_id is")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps (0)")]
    public void Read_names_the_key_that_is_wrong(string key, string value, string expected)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Golden.Path("m2_tiny_a"), "config.json")))!.AsObject();
        json[key] = JsonNode.Parse(value);

        var error = Assert.Throws<ForgeException>(() => M2ConfigReader.Parse(json.ToJsonString(), "config.json"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_reports_all_missing_keys_at_once()
    {
        var error = Assert.Throws<ForgeException>(() => M2ConfigReader.Parse("""{"model_type": "minimax_m2"}""", "x.json"));

        Assert.Contains("vocab_size is absent", error.Message, StringComparison.Ordinal);
        Assert.Contains("head_dim is absent", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("""{"hidden_size": 1, "hidden_size": 2}""")]
    public void Read_refuses_text_that_is_no_JSON_object(string text)
        => Assert.Throws<ForgeException>(() => M2ConfigReader.Parse(text, "x.json"));

    [Fact]
    public void Read_understands_nested_rope_parameters()
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Golden.Path("m2_tiny_a"), "config.json")))!.AsObject();
        json.Remove("rope_theta");
        json.Remove("rotary_dim");
        json["rope_parameters"] = JsonNode.Parse("""{"rope_type": "default", "rope_theta": 10000, "partial_rotary_factor": 0.25}""");

        var config = M2ConfigReader.Parse(json.ToJsonString(), "x.json");

        Assert.Equal((10000, 8), (config.RopeTheta, config.RotaryDim));
    }
}
