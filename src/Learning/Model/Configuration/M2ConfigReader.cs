using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Faults;

namespace Forge.Learning.Model.Configuration;

/// <summary>
/// Reads the public <c>config.json</c>, strictly where a key changes the forward pass, tolerantly elsewhere.
/// </summary>
public static class M2ConfigReader
{
    // Keys whose other values would mean another architecture: (key, accepted value as JSON).
    private static readonly (string Key, string Accepted)[] FixedKeys =
    [
        ("hidden_act", "\"silu\""),
        ("scoring_func", "\"sigmoid\""),
        ("use_qk_norm", "true"),
        ("qk_norm_type", "\"per_layer\""),
        ("use_routing_bias", "true"),
        ("tie_word_embeddings", "false"),
        ("shared_intermediate_size", "0"),
        ("sliding_window", "null"),
        ("rope_scaling", "null"),
        ("attention_bias", "false"),
        ("norm_topk_prob", "true"),
    ];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <param name="path">A <c>config.json</c>, or the folder that holds one.</param>
    /// <exception cref="ForgeException">The file is absent, is not JSON, or describes another model.</exception>
    public static M2Config Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        if (!File.Exists(file))
        {
            throw new ForgeException($"{file} does not exist. A checkpoint folder holds config.json beside its weights.");
        }

        return Parse(File.ReadAllText(file), file);
    }

    /// <param name="json">The text of the file.</param>
    /// <param name="source">Names the text in messages.</param>
    /// <exception cref="ForgeException">The text is not JSON, or describes another model.</exception>
    public static M2Config Parse(string json, string source)
    {
        JsonObject root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: Strict) as JsonObject ?? throw new ForgeException($"{source} is not a JSON object.");
        }
        catch (JsonException error)
        {
            throw new ForgeException($"{source} is not valid JSON: {error.Message}", error);
        }

        var keys = new M2ConfigKeys(root, source);
        foreach (var (key, accepted) in FixedKeys)
        {
            keys.RequireIfPresent(key, accepted);
        }

        RequireFullAttention(root, source);
        var config = Build(keys);
        keys.ThrowIfAnyProblem();
        M2ConfigRules.Check(config, source);
        return config with { OtherKeys = keys.Rest() };
    }

    private static M2Config Build(M2ConfigKeys keys)
    {
        keys.Text("model_type", "minimax_m2", "minimax");
        var headDim = keys.Int("head_dim");
        return new M2Config
        {
            VocabSize = keys.Int("vocab_size"),
            HiddenSize = keys.Int("hidden_size"),
            NumHiddenLayers = keys.Int("num_hidden_layers"),
            NumAttentionHeads = keys.Int("num_attention_heads"),
            NumKeyValueHeads = keys.Int("num_key_value_heads"),
            HeadDim = headDim,
            RotaryDim = keys.RotaryDim(headDim),
            IntermediateSize = keys.Int("intermediate_size"),
            NumLocalExperts = keys.Int("num_local_experts"),
            NumExpertsPerToken = keys.Int("num_experts_per_tok"),
            RopeTheta = keys.RopeTheta(),
            RmsNormEps = keys.Double("rms_norm_eps", 1e-6),
            MaxPositionEmbeddings = keys.Int("max_position_embeddings", 4096),
            InitializerRange = keys.Double("initializer_range", 0.02),
            NumMtpModules = keys.Int("num_mtp_modules", 0),
            MtpTransformerLayers = keys.Int("mtp_transformer_layers", 1),
            BosTokenId = keys.Ids("bos_token_id") is [var bos, ..] ? bos : null,
            EosTokenIds = keys.Ids("eos_token_id"),
        };
    }

    // 1 is full attention; 0 was the lightning attention of an earlier family.
    private static void RequireFullAttention(JsonObject root, string source)
    {
        if (root["attn_type_list"] is JsonArray types && types.Any(type => type?.ToJsonString() != "1"))
        {
            throw new ForgeException($"{source}: attn_type_list is {types.ToJsonString()}; only full attention (all 1) is M2's.");
        }
    }
}
