// N rows, H query heads, G key/value heads, K head dim
using Forge.Learning.Checks;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Levels;

/// <summary>Run on a machine with a GPU that has flash attention; elsewhere they are skipped.</summary>
[Trait("Tier", "gpu")]
public sealed class LevelGpuTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public LevelGpuTests() => Assert.SkipUnless(cuda.is_available(), "There is no CUDA device.");

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Trees_agree_with_fp64_under_a_dense_mask_by_every_kernel_and_plan()
    {
        var rows = TreeAttentionParity.Run(device("cuda:0"));

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row.Passed, $"{row.Check} differs by {row.MaxDifference:e2}."));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, 0.02)]
    [InlineData(ScalarType.Float16, 0.005)]
    public void Packed_sequences_agree_with_the_reference(ScalarType dtype, double tolerance)
    {
        var layout = PackedSequences.FromLengths(1, 700, 33, 1, 512);
        Tensor[] inputs = [Random(dtype, layout.RowCount, 12), Random(dtype, layout.RowCount, 2), Random(dtype, layout.RowCount, 2)];
        var slope_NX = randn([layout.RowCount, 12 * 64], device: CUDA).to_type(dtype);

        var own_NX = new CudaKernels().Attend(0, inputs[0], inputs[1], inputs[2], layout, 0.125);
        Tensor[] exact = [.. inputs.Select(input => input.detach().to_type(ScalarType.Float64).requires_grad_())];
        var expected_NX = new ModelKernels().Attend(0, exact[0], exact[1], exact[2], layout, 0.125);

        Assert.InRange(RelativeError(own_NX, expected_NX), 0, tolerance);
        var gradients = autograd.grad([own_NX], inputs, [slope_NX]);
        var expected = autograd.grad([expected_NX], exact, [slope_NX.to_type(ScalarType.Float64)]);
        Assert.All(gradients.Zip(expected), pair => Assert.InRange(RelativeError(pair.First, pair.Second), 0, tolerance));
    }

    private static Tensor Random(ScalarType dtype, long rows, long heads)
        => randn([rows, heads, 64], device: CUDA).to_type(dtype).requires_grad_();

    private static double RelativeError(Tensor actual, Tensor expected)
        => (actual.to_type(ScalarType.Float64).sub(expected).norm() / expected.norm()).ToDouble();
}
