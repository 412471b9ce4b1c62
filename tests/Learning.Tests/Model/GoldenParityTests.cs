using Forge.Learning.Checkpoints;
using Forge.Learning.Checks;
using Forge.Learning.Model;
using Forge.TestKit;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class GoldenParityTests
{
    [Theory]
    [InlineData("m2_tiny_a", ScalarType.Float32, 86)]
    [InlineData("m2_tiny_a", ScalarType.Float64, 86)]
    [InlineData("m2_tiny_a_sharded_bf16", ScalarType.Float32, 66)]
    [InlineData("m2_tiny_d_fp8", ScalarType.Float32, 26)]
    public void Run_agrees_with_recorded_outputs(string folder, ScalarType dtype, int comparisons)
    {
        using var parity = new GoldenParity(Golden.Path(folder), new ModelPlacement(TinyModel.Device, dtype));

        var rows = parity.Run();

        Assert.DoesNotContain(rows, row => !row.Passed);
        Assert.Equal(comparisons, rows.Count);
    }

    [Fact]
    public void Run_agrees_when_fp8_is_decoded_to_fp32()
    {
        var placement = new ModelPlacement(TinyModel.Device, ScalarType.Float32);
        using var parity = new GoldenParity(Golden.Path("m2_tiny_d_fp8"), placement, fp8: Fp8Decoding.Exact);

        var rows = parity.Run();

        Assert.DoesNotContain(rows, row => !row.Passed);
        Assert.Equal(2, rows.Count);
    }

    [Fact]
    public void Run_agrees_with_the_reference_kernels()
    {
        var placement = new ModelPlacement(TinyModel.Device, ScalarType.Float32);
        using var parity = new GoldenParity(Golden.Path("m2_tiny_a"), placement, new ModelKernels());

        Assert.DoesNotContain(parity.Run(), row => !row.Passed);
    }

    [Fact]
    public void Run_notices_a_model_that_ignores_the_flattened_norm()
    {
        var placement = new ModelPlacement(TinyModel.Device, ScalarType.Float32);
        using var parity = new GoldenParity(Golden.Path("m2_tiny_a"), placement, new WrongNorm());

        var failed = parity.Run().Where(row => !row.Passed).Select(row => row.Check).ToList();

        Assert.Contains("seq0.layer0.attn_out", failed);
        Assert.Contains("seq0.logits", failed);
        Assert.DoesNotContain("seq0.hidden.embed", failed);
    }

    // Norms each half of wide rows apart, as a per-head norm would.
    private sealed class WrongNorm : ModelKernels
    {
        public override Tensor RmsNorm(Tensor x_ND, Tensor weight_D, double eps)
        {
            if (weight_D.shape[0] != 128)
            {
                return base.RmsNorm(x_ND, weight_D, eps);
            }

            var halves = x_ND.chunk(2, 1).Zip(weight_D.chunk(2, 0)).Select(pair => base.RmsNorm(pair.First, pair.Second, eps));
            return cat([.. halves], 1);
        }
    }
}
