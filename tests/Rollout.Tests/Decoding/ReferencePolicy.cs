using System.Runtime.InteropServices;
using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;

namespace Forge.Rollout.Tests.Decoding;

/// <summary>MiniMax-M2 in double precision, written down as plainly as possible: no cache, no batching, one sequence.</summary>
internal sealed class ReferencePolicy(M2Config config, PolicyWeights weights)
{
    private readonly Dictionary<string, double[]> _weights = weights.Tensors.ToDictionary(
        tensor => tensor.Name,
        tensor => MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray().Select(value => (double)value).ToArray());

    /// <summary>Logits [T][vocabulary].</summary>
    public double[][] Logits(IReadOnlyList<int> ids)
    {
        var states = ids.Select(id => _weights["model.embed_tokens.weight"].AsSpan(id * config.HiddenSize, config.HiddenSize).ToArray()).ToArray();
        for (var layer = 0; layer < config.NumHiddenLayers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            Add(states, Attention(prefix + "self_attn.", [.. states.Select(x => Norm(x, prefix + "input_layernorm.weight"))]));
            Add(states, [.. states.Select(x => Experts(prefix + "block_sparse_moe.", Norm(x, prefix + "post_attention_layernorm.weight")))]);
        }

        return [.. states.Select(x => Product("lm_head.weight", Norm(x, "model.norm.weight")))];
    }

    private static void Add(double[][] states, double[][] change)
    {
        for (var t = 0; t < states.Length; t++)
        {
            states[t] = [.. states[t].Zip(change[t], (x, y) => x + y)];
        }
    }

    private double[][] Attention(string prefix, double[][] x)
    {
        var queries = x.Select((row, t) => Rotate(Norm(Product(prefix + "q_proj.weight", row), prefix + "q_norm.weight"), t)).ToArray();
        var keys = x.Select((row, t) => Rotate(Norm(Product(prefix + "k_proj.weight", row), prefix + "k_norm.weight"), t)).ToArray();
        var values = x.Select(row => Product(prefix + "v_proj.weight", row)).ToArray();
        var size = config.HeadDim;
        return [.. x.Select((_, t) =>
        {
            var mixed = new double[config.NumAttentionHeads * size];
            for (var head = 0; head < config.NumAttentionHeads; head++)
            {
                var kv = head / (config.NumAttentionHeads / config.NumKeyValueHeads) * size;
                var scores = Enumerable.Range(0, t + 1).Select(s => Enumerable.Range(0, size).Sum(d => queries[t][(head * size) + d] * keys[s][kv + d]) / Math.Sqrt(size)).ToArray();
                var exponentials = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var d = 0; d < size; d++)
                {
                    mixed[(head * size) + d] = Enumerable.Range(0, t + 1).Sum(s => exponentials[s] * values[s][kv + d]) / exponentials.Sum();
                }
            }

            return Product(prefix + "o_proj.weight", mixed);
        })];
    }

    private double[] Experts(string prefix, double[] x)
    {
        var scores = Product(prefix + "gate.weight", x).Select(Sigmoid).ToArray();
        var bias = _weights[prefix + "e_score_correction_bias"];
        var chosen = Enumerable.Range(0, config.NumLocalExperts).OrderByDescending(e => scores[e] + bias[e]).Take(config.NumExpertsPerToken).ToArray();
        var result = new double[config.HiddenSize];
        foreach (var expert in chosen)
        {
            var name = $"{prefix}experts.{expert}.";
            var gate = Product(name + "w1.weight", x);
            var up = Product(name + "w3.weight", x);
            var output = Product(name + "w2.weight", [.. gate.Zip(up, (g, u) => g * Sigmoid(g) * u)]);
            var weight = scores[expert] / chosen.Sum(e => scores[e]);
            result = [.. result.Zip(output, (sum, y) => sum + (weight * y))];
        }

        return result;
    }

    private double[] Rotate(double[] heads, int position)
    {
        var half = config.RotaryDim / 2;
        for (var start = 0; start < heads.Length; start += config.HeadDim)
        {
            for (var j = 0; j < half; j++)
            {
                var angle = position / Math.Pow(config.RopeTheta, 2.0 * j / config.RotaryDim);
                var (low, high) = (heads[start + j], heads[start + j + half]);
                heads[start + j] = (low * Math.Cos(angle)) - (high * Math.Sin(angle));
                heads[start + j + half] = (high * Math.Cos(angle)) + (low * Math.Sin(angle));
            }
        }

        return heads;
    }

    private double[] Norm(double[] x, string name)
    {
        var scale = 1 / Math.Sqrt((x.Sum(value => value * value) / x.Length) + config.RmsNormEps);
        return [.. x.Zip(_weights[name], (value, weight) => value * scale * weight)];
    }

    private double[] Product(string name, double[] x)
    {
        var weight = _weights[name];
        return [.. Enumerable.Range(0, weight.Length / x.Length).Select(row => Enumerable.Range(0, x.Length).Sum(k => weight[(row * x.Length) + k] * x[k]))];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
