using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Fills a model with random weights, the same on every device and in every dtype up to rounding.</summary>
/// <remarks>
/// normal(0, initializer_range); the projections that write into the residual stream (o_proj, w2) are scaled by 1 /
/// sqrt(2 L), so that
/// its variance does not grow with depth; norms stay 1, selection biases 0.
/// </remarks>
public static class FreshWeights
{
    /// <param name="model">The model to fill.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    public static void Fill(MiniMaxM2ForCausalLM model, int seed)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var random = new Random(seed);
        var residualScale = 1.0 / Math.Sqrt(2.0 * model.Config.NumHiddenLayers);
        foreach (var weight in model.Weights().Where(weight => weight.IsTrained && weight.Value.dim() > 1))
        {
            var deviation = model.Config.InitializerRange * (WritesResidual(weight.Name) ? residualScale : 1.0);
            using var values = tensor(Normal(random, weight.Value.numel(), deviation), dtype: ScalarType.Float32);
            weight.Value.copy_(values.view(weight.Value.shape));
        }
    }

    private static bool WritesResidual(string name)
        => name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("w2.weight", StringComparison.Ordinal);

    // Box-Muller: sqrt(-2 ln u) cos(2 pi v), u in (0, 1].
    private static float[] Normal(Random random, long count, double deviation)
    {
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            var radius = Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble()));
            values[i] = (float)(deviation * radius * Math.Cos(2.0 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
