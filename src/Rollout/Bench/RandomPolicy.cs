using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;

namespace Forge.Rollout.Bench;

/// <summary>Makes seeded random weights, under the public names, for measuring speed.</summary>
public static class RandomPolicy
{
    /// <summary>The shape of the repository's speed comparisons: 2.04 M parameters.</summary>
    public static M2Config ReferenceConfig { get; } = new()
    {
        VocabSize = 512,
        HiddenSize = 128,
        NumHiddenLayers = 4,
        NumAttentionHeads = 8,
        NumKeyValueHeads = 2,
        HeadDim = 32,
        RotaryDim = 32,
        NumLocalExperts = 8,
        NumExpertsPerToken = 2,
        IntermediateSize = 128,
    };

    /// <summary>All weights in fp32: uniform with the variance that keeps activations near 1, norms near 1.</summary>
    public static PolicyWeights Create(M2Config config, PolicyVersion version, int seed)
    {
        var random = new Random(seed);
        var tensors = ImmutableArray.CreateBuilder<WeightTensor>();
        foreach (var (name, rows, columns) in Tensors(config))
        {
            tensors.Add(Draw(name, rows, columns, random));
        }

        return new PolicyWeights(version, tensors.ToImmutable());
    }

    private static WeightTensor Draw(string name, int rows, int columns, Random random)
    {
        var isNorm = name.EndsWith("norm.weight", StringComparison.Ordinal);
        var (center, spread) = rows > 0 ? (0.0, Math.Sqrt(3.0 / columns)) : isNorm ? (1.0, 0.1) : (0.0, 0.05);
        var values = new float[Math.Max(rows, 1) * columns];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(center + (spread * ((2 * random.NextDouble()) - 1)));
        }

        return new WeightTensor(name, "F32", rows > 0 ? [rows, columns] : [columns], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    // Rows 0 marks a vector.
    private static IEnumerable<(string Name, int Rows, int Columns)> Tensors(M2Config config)
    {
        var queries = config.NumAttentionHeads * config.HeadDim;
        var keys = config.NumKeyValueHeads * config.HeadDim;
        yield return ("model.embed_tokens.weight", config.VocabSize, config.HiddenSize);
        yield return ("model.norm.weight", 0, config.HiddenSize);
        yield return ("lm_head.weight", config.VocabSize, config.HiddenSize);
        for (var layer = 0; layer < config.NumHiddenLayers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return (prefix + "input_layernorm.weight", 0, config.HiddenSize);
            yield return (prefix + "post_attention_layernorm.weight", 0, config.HiddenSize);
            yield return (prefix + "self_attn.q_proj.weight", queries, config.HiddenSize);
            yield return (prefix + "self_attn.k_proj.weight", keys, config.HiddenSize);
            yield return (prefix + "self_attn.v_proj.weight", keys, config.HiddenSize);
            yield return (prefix + "self_attn.o_proj.weight", config.HiddenSize, queries);
            yield return (prefix + "self_attn.q_norm.weight", 0, queries);
            yield return (prefix + "self_attn.k_norm.weight", 0, keys);
            yield return (prefix + "block_sparse_moe.gate.weight", config.NumLocalExperts, config.HiddenSize);
            yield return (prefix + "block_sparse_moe.e_score_correction_bias", 0, config.NumLocalExperts);
            for (var expert = 0; expert < config.NumLocalExperts; expert++)
            {
                var name = $"{prefix}block_sparse_moe.experts.{expert}.";
                yield return (name + "w1.weight", config.IntermediateSize, config.HiddenSize);
                yield return (name + "w2.weight", config.HiddenSize, config.IntermediateSize);
                yield return (name + "w3.weight", config.IntermediateSize, config.HiddenSize);
            }
        }
    }
}
