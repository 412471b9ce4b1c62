using System.Runtime.InteropServices;
using Forge.Core.Ring;

namespace Forge.Contracts.Tests.Weights;

/// <summary>Weights as they look in practice: normally distributed, and moved by steps of the size of a learning rate.</summary>
internal static class SampleWeights
{
    private const int Columns = 64;

    public static PolicyWeights Policy(long version, int seed, int rows = 100)
    {
        var random = new Random(seed);
        return new PolicyWeights(
            new PolicyVersion(version),
            [
                Tensor("model.embed.weight", rows, () => 0.02f * Normal(random)),
                Tensor("model.norm.weight", 1, () => 1f),
                new WeightTensor("model.scale", "BF16", [3], new byte[] { 1, 2, 3, 4, 5, 6 }),
                Tensor("lm_head.weight", rows, () => 0.02f * Normal(random)),
            ]);
    }

    /// <summary>The policy after one step of Adam: every weight moved by about the learning rate, up or down.</summary>
    public static PolicyWeights Stepped(PolicyWeights before, float learningRate, int seed)
    {
        var random = new Random(seed);
        return new PolicyWeights(before.Version.Next, [.. before.Tensors.Select(tensor => tensor.DType == "F32" ? Move(tensor) : tensor)]);

        WeightTensor Move(WeightTensor tensor)
        {
            var values = MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray();
            for (var index = 0; index < values.Length; index++)
            {
                values[index] -= learningRate * Math.Clamp(Normal(random), -1, 1) * 0.1f;
            }

            return tensor with { Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray() };
        }
    }

    public static PolicyWeights Noise(long version, int seed)
    {
        var data = new byte[4096];
        new Random(seed).NextBytes(data);
        return new PolicyWeights(new PolicyVersion(version), [new WeightTensor("noise", "F32", [1024], data)]);
    }

    private static WeightTensor Tensor(string name, int rows, Func<float> value)
    {
        var values = Enumerable.Range(0, rows * Columns).Select(_ => value()).ToArray();
        return new WeightTensor(name, "F32", [rows, Columns], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static float Normal(Random random)
        => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
