using Forge.Core.Faults;

namespace Forge.Learning.Model.Configuration;

/// <summary>
/// Checks the numbers of a configuration against each other; every violation is reported, not only the first.
/// </summary>
public static class M2ConfigRules
{
    /// <exception cref="ForgeException">One line per violated rule.</exception>
    public static void Check(M2Config config, string source)
    {
        var problems = Problems(config).ToList();
        if (problems.Count > 0)
        {
            throw new ForgeException($"{source} does not describe a MiniMax-M2 model:\n  " + string.Join("\n  ", problems));
        }
    }

    private static IEnumerable<string> Problems(M2Config config)
    {
        foreach (var (key, value) in Sizes(config))
        {
            if (value <= 0)
            {
                yield return $"{key} is {value}; it must be positive.";
            }
        }

        if (config.NumKeyValueHeads > 0 && config.NumAttentionHeads % config.NumKeyValueHeads != 0)
        {
            yield return $"num_attention_heads ({config.NumAttentionHeads}) must be a multiple of "
                + $"num_key_value_heads ({config.NumKeyValueHeads}).";
        }

        if (config.RotaryDim < 0 || config.RotaryDim % 2 != 0 || config.RotaryDim > config.HeadDim)
        {
            yield return $"rotary_dim is {config.RotaryDim}; it must be even and between 0 and head_dim ({config.HeadDim}).";
        }

        if (config.NumExpertsPerToken > config.NumLocalExperts)
        {
            yield return $"num_experts_per_tok ({config.NumExpertsPerToken}) exceeds num_local_experts ({config.NumLocalExperts}).";
        }

        if (!(config.RmsNormEps > 0) || !(config.RopeTheta > 0))
        {
            yield return $"rms_norm_eps ({config.RmsNormEps}) and rope_theta ({config.RopeTheta}) must be positive.";
        }
    }

    private static IEnumerable<(string Key, long Value)> Sizes(M2Config config) =>
    [
        ("vocab_size", config.VocabSize),
        ("hidden_size", config.HiddenSize),
        ("num_hidden_layers", config.NumHiddenLayers),
        ("num_attention_heads", config.NumAttentionHeads),
        ("num_key_value_heads", config.NumKeyValueHeads),
        ("head_dim", config.HeadDim),
        ("intermediate_size", config.IntermediateSize),
        ("num_local_experts", config.NumLocalExperts),
        ("num_experts_per_tok", config.NumExpertsPerToken),
        ("max_position_embeddings", config.MaxPositionEmbeddings),
    ];
}
