using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Forge.Core.Ring;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Bench;

/// <summary>Makes seeded random weights of a shape, under the public names, for measuring speed.</summary>
public static class RandomPolicy
{
    /// <summary>The shape of the repository's speed comparisons: 2.04 M parameters.</summary>
    public static PolicyShape ReferenceShape { get; } = new(
        Vocabulary: 512,
        Hidden: 128,
        Layers: 4,
        Heads: 8,
        KeyValueHeads: 2,
        HeadDimension: 32,
        RotaryDimension: 32,
        Experts: 8,
        ExpertsPerToken: 2,
        ExpertWidth: 128,
        RopeTheta: 5_000_000,
        NormEpsilon: 1e-6);

    /// <summary>All weights in fp32: uniform with the variance that keeps activations near 1, norms near 1.</summary>
    public static PolicyWeights Create(PolicyShape shape, PolicyVersion version, int seed)
    {
        var random = new Random(seed);
        var tensors = ImmutableArray.CreateBuilder<WeightTensor>();
        foreach (var (name, rows, columns) in Tensors(shape))
        {
            tensors.Add(Draw(name, rows, columns, random));
        }

        return new PolicyWeights(version, tensors.ToImmutable());
    }

    private static WeightTensor Draw(string name, int rows, int columns, Random random)
    {
        var (center, spread) = rows > 0 ? (0.0, Math.Sqrt(3.0 / columns)) : name.EndsWith("norm.weight", StringComparison.Ordinal) ? (1.0, 0.1) : (0.0, 0.05);
        var values = new float[Math.Max(rows, 1) * columns];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(center + (spread * ((2 * random.NextDouble()) - 1)));
        }

        return new WeightTensor(name, "F32", rows > 0 ? [rows, columns] : [columns], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    // Rows 0 marks a vector.
    private static IEnumerable<(string Name, int Rows, int Columns)> Tensors(PolicyShape shape)
    {
        var queries = shape.Heads * shape.HeadDimension;
        var keys = shape.KeyValueHeads * shape.HeadDimension;
        yield return ("model.embed_tokens.weight", shape.Vocabulary, shape.Hidden);
        yield return ("model.norm.weight", 0, shape.Hidden);
        yield return ("lm_head.weight", shape.Vocabulary, shape.Hidden);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return (prefix + "input_layernorm.weight", 0, shape.Hidden);
            yield return (prefix + "post_attention_layernorm.weight", 0, shape.Hidden);
            yield return (prefix + "self_attn.q_proj.weight", queries, shape.Hidden);
            yield return (prefix + "self_attn.k_proj.weight", keys, shape.Hidden);
            yield return (prefix + "self_attn.v_proj.weight", keys, shape.Hidden);
            yield return (prefix + "self_attn.o_proj.weight", shape.Hidden, queries);
            yield return (prefix + "self_attn.q_norm.weight", 0, queries);
            yield return (prefix + "self_attn.k_norm.weight", 0, keys);
            yield return (prefix + "block_sparse_moe.gate.weight", shape.Experts, shape.Hidden);
            yield return (prefix + "block_sparse_moe.e_score_correction_bias", 0, shape.Experts);
            for (var expert = 0; expert < shape.Experts; expert++)
            {
                var name = $"{prefix}block_sparse_moe.experts.{expert}.";
                yield return (name + "w1.weight", shape.ExpertWidth, shape.Hidden);
                yield return (name + "w2.weight", shape.Hidden, shape.ExpertWidth);
                yield return (name + "w3.weight", shape.ExpertWidth, shape.Hidden);
            }
        }
    }
}
