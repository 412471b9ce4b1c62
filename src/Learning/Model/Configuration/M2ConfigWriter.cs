using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Learning.Model.Configuration;

/// <summary>Writes the public <c>config.json</c>, keys sorted, with the keys that other tools expect.</summary>
public static class M2ConfigWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="config">What to write.</param>
    /// <param name="torchDtype">The dtype of the weights beside it, such as <c>bfloat16</c>.</param>
    /// <returns>The text of the file.</returns>
    public static string ToJson(M2Config config, string torchDtype)
    {
        var keys = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (key, value) in Defaults(config))
        {
            keys[key] = value;
        }

        // The weights are written unquantised, so a quantisation section of the source would be a lie.
        foreach (var (key, value) in config.OtherKeys.Where(pair => pair.Key != "quantization_config"))
        {
            keys[key] = value?.DeepClone();
        }

        foreach (var (key, value) in Numbers(config))
        {
            keys[key] = value;
        }

        keys["torch_dtype"] = torchDtype;
        return new JsonObject(keys).ToJsonString(Indented) + "\n";
    }

    private static Dictionary<string, JsonNode?> Defaults(M2Config config) => new()
    {
        ["architectures"] = new JsonArray("MiniMaxM2ForCausalLM"),
        ["attention_dropout"] = 0.0,
        ["attn_type_list"] = new JsonArray([.. Enumerable.Repeat(1, config.NumHiddenLayers).Select(type => JsonValue.Create(type))]),
        ["hidden_act"] = "silu",
        ["model_type"] = "minimax_m2",
        ["qk_norm_type"] = "per_layer",
        ["router_aux_loss_coef"] = 0.001,
        ["router_jitter_noise"] = 0.0,
        ["scoring_func"] = "sigmoid",
        ["shared_intermediate_size"] = 0,
        ["sliding_window"] = null,
        ["tie_word_embeddings"] = false,
        ["use_cache"] = true,
        ["use_mtp"] = config.NumMtpModules > 0,
        ["use_qk_norm"] = true,
        ["use_routing_bias"] = true,
    };

    private static Dictionary<string, JsonNode?> Numbers(M2Config config) => new()
    {
        ["bos_token_id"] = config.BosTokenId,
        ["eos_token_id"] = config.EosTokenIds switch
        {
            [] => null,
            [var only] => only,
            var several => new JsonArray([.. several.Select(id => JsonValue.Create(id))]),
        },
        ["head_dim"] = config.HeadDim,
        ["hidden_size"] = config.HiddenSize,
        ["initializer_range"] = config.InitializerRange,
        ["intermediate_size"] = config.IntermediateSize,
        ["max_position_embeddings"] = config.MaxPositionEmbeddings,
        ["mtp_transformer_layers"] = config.MtpTransformerLayers,
        ["num_attention_heads"] = config.NumAttentionHeads,
        ["num_experts_per_tok"] = config.NumExpertsPerToken,
        ["num_hidden_layers"] = config.NumHiddenLayers,
        ["num_key_value_heads"] = config.NumKeyValueHeads,
        ["num_local_experts"] = config.NumLocalExperts,
        ["num_mtp_modules"] = config.NumMtpModules,
        ["rms_norm_eps"] = config.RmsNormEps,
        ["rope_theta"] = config.RopeTheta,
        ["rotary_dim"] = config.RotaryDim,
        ["vocab_size"] = config.VocabSize,
    };
}
