using Forge.Learning.Optim;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Optim;

public sealed class GradientClipTests
{
    [Theory]
    [InlineData(1.0, 1.0 / 13)]
    [InlineData(13.5, 1.0)]
    [InlineData(0, 1.0)]
    [InlineData(double.PositiveInfinity, 1.0)]
    public void Clip_bounds_the_norm_of_all_gradients_together(double maxNorm, double factor)
    {
        using var scope = NewDisposeScope();
        var parameters = new[] { WithGradient(3, 4), WithGradient(12), new Parameter(zeros([2])) };

        var norm = GradientClip.Clip(parameters, maxNorm);

        Assert.Equal(13, norm.ToDouble(), 1e-5);
        Assert.Equal(3 * factor, TinyModel.Values(parameters[0].grad!)[0], 1e-5);
        Assert.Equal(12 * factor, TinyModel.Values(parameters[1].grad!)[0], 1e-5);
    }

    [Fact]
    public void Clip_without_gradients_measures_zero()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(0, GradientClip.Clip([new Parameter(zeros([2]))], 1).ToDouble());
    }

    [Fact]
    public void Clip_measures_bf16_gradients_in_float32()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(zeros([10_000], dtype: ScalarType.BFloat16));
        parameter.grad = ones([10_000], dtype: ScalarType.BFloat16);

        var norm = GradientClip.Clip([parameter], 0);

        Assert.Equal(ScalarType.Float32, norm.dtype);
        Assert.Equal(100, norm.ToDouble(), 1e-3);
    }

    private static Parameter WithGradient(params float[] gradient)
        => new(zeros([gradient.Length])) { grad = tensor(gradient) };
}
