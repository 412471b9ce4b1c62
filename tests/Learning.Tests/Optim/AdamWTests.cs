using Forge.Core.Faults;
using Forge.Learning.Optim;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = Forge.Learning.Optim.AdamW;

namespace Forge.Learning.Tests.Optim;

public sealed class AdamWTests
{
    [Theory]
    [InlineData(ScalarType.Float64, 1e-13)]
    [InlineData(ScalarType.Float32, 2e-6)]
    public void Step_follows_the_published_algorithm(ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        var options = new AdamWOptions { WeightDecay = 0.1 };
        double[] w = [1.0, -2.0, 0.5, 3.0], m = new double[4], v = new double[4];
        var parameter = Parameter(w, dtype, 2, 2);
        using var optimizer = new AdamW([("w", parameter)], options);
        for (var step = 1; step <= 20; step++)
        {
            var g = w.Select((_, i) => Math.Sin(step * (i + 1)) * Math.Pow(10, i - 3)).ToArray();
            parameter.grad = tensor(g, dtype: dtype, device: TinyModel.Device).view(2, 2);

            optimizer.Step(0.01);

            for (var i = 0; i < 4; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
                var update = m[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.95, step))) + 1e-15);
                w[i] = w[i] * (1 - 0.01 * 0.1) - 0.01 * update;
            }
        }

        Assert.All(TinyModel.Values(parameter).Zip(w), pair => Assert.InRange(pair.First - pair.Second, -tolerance, tolerance));
        Assert.Equal(20, optimizer.StepCount);
    }

    [Fact]
    public void Step_moves_by_the_learning_rate_for_gradients_that_a_usual_epsilon_would_drown()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1.0], ScalarType.Float32, 1);
        parameter.grad = full([1], 1e-13, dtype: ScalarType.Float32, device: TinyModel.Device);
        using var optimizer = new AdamW([("w", parameter)], new AdamWOptions { WeightDecay = 0 });

        optimizer.Step(0.01);

        Assert.InRange(TinyModel.Values(parameter)[0], 0.9899, 0.9905);
    }

    [Fact]
    public void Step_gathers_updates_that_bf16_alone_would_lose()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1.0], ScalarType.BFloat16, 1);
        using var optimizer = new AdamW([("w", parameter)], new AdamWOptions { WeightDecay = 0 });
        var seen = new List<double>();
        for (var step = 0; step < 40; step++)
        {
            parameter.grad = ones([1], dtype: ScalarType.BFloat16, device: TinyModel.Device);
            optimizer.Step(1e-4);
            seen.Add(TinyModel.Values(parameter)[0]);
        }

        Assert.Equal(1.0, seen[0]);
        Assert.Equal(0.99609375, seen[^1]);
        Assert.Equal(1 - 40e-4, TinyModel.Values(optimizer.States[0].Master)[0], 1e-5);
        Assert.Equal(ScalarType.Float32, optimizer.States[0].SecondMoment.dtype);
    }

    [Fact]
    public void Step_decays_matrices_but_neither_norms_nor_parameters_without_gradient()
    {
        using var scope = NewDisposeScope();
        var (matrix, norm, idle) = (Parameter([2.0], ScalarType.Float64, 1, 1), Parameter([2.0], ScalarType.Float64, 1), Parameter([2.0], ScalarType.Float64, 1, 1));
        matrix.grad = zeros_like(matrix);
        norm.grad = zeros_like(norm);
        using var optimizer = new AdamW([("a", matrix), ("b", norm), ("c", idle)], new AdamWOptions { WeightDecay = 0.5 });

        optimizer.Step(0.1);

        Assert.Equal([1.9, 2.0, 2.0], new[] { matrix, norm, idle }.Select(parameter => Math.Round(TinyModel.Values(parameter)[0], 12)));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Save_then_load_resumes_bit_for_bit(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (first, second) = (Parameter([1, -2, 3], dtype, 3), Parameter([9, 9, 9], dtype, 3));
        using var original = new AdamW([("w", first)], new AdamWOptions());
        Train(original, first, 1, 5);
        original.Save(folder.At("optimizer.safetensors"));
        using (no_grad())
        {
            second.copy_(first);
        }

        using var resumed = new AdamW([("w", second)], new AdamWOptions());
        resumed.Load(folder.At("optimizer.safetensors"));
        Train(original, first, 6, 10);
        Train(resumed, second, 6, 10);

        Assert.Equal(10, resumed.StepCount);
        Assert.Equal(TinyModel.Values(first), TinyModel.Values(second));
        Assert.Equal(TinyModel.Values(original.States[0].Master), TinyModel.Values(resumed.States[0].Master));
    }

    [Fact]
    public void Load_refuses_the_state_of_another_model()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var original = new AdamW([("w", Parameter([1, 2], ScalarType.Float32, 2))], new AdamWOptions());
        original.Save(folder.At("state"));
        using var other = new AdamW([("w", Parameter([1], ScalarType.Float32, 1)), ("x", Parameter([1], ScalarType.Float32, 1))], new AdamWOptions());

        var error = Assert.Throws<ForgeException>(() => other.Load(folder.At("state")));

        Assert.Contains("exp_avg.w", error.Message, StringComparison.Ordinal);
        Assert.Contains("exp_avg_sq.x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AdoptWeights_takes_what_was_loaded_into_a_bf16_model()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1.0], ScalarType.BFloat16, 1);
        using var optimizer = new AdamW([("w", parameter)], new AdamWOptions());
        using (no_grad())
        {
            parameter.fill_(5);
        }

        optimizer.AdoptWeights();

        Assert.Equal(5, TinyModel.Values(optimizer.States[0].Master)[0]);
    }

    [Fact]
    public void ZeroGrad_clears_every_gradient()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1.0], ScalarType.Float32, 1);
        parameter.grad = ones([1], device: TinyModel.Device);
        using var optimizer = new AdamW([("w", parameter)], new AdamWOptions());

        optimizer.ZeroGrad();

        Assert.Null(parameter.grad);
    }

    private static void Train(AdamW optimizer, Parameter parameter, int from, int to)
    {
        for (var step = from; step <= to; step++)
        {
            parameter.grad = tensor(new[] { 0.1f * step, -0.3f, 1f / step }, dtype: parameter.dtype, device: TinyModel.Device);
            optimizer.Step(0.003);
        }
    }

    private static Parameter Parameter(double[] values, ScalarType dtype, params long[] shape)
        => new(tensor(values, dtype: dtype, device: TinyModel.Device).view(shape));
}
