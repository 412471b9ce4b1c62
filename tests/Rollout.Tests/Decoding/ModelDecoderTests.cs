using Forge.Core.Ring;
using Forge.Learning.Model;
using Forge.Rollout.Bench;
using Forge.Rollout.Decoding;
using static TorchSharp.torch;

namespace Forge.Rollout.Tests.Decoding;

public sealed class ModelDecoderTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-4)]
    [InlineData(ScalarType.Float64, 1e-4)]
    public void Step_agrees_with_the_golden_logits_in_mixed_batches(ScalarType dtype, double tolerance)
    {
        var golden = new GoldenPolicy("m2_tiny_a");
        using var decoder = new ModelDecoder(golden.Config, new ModelPlacement(CPU, dtype), 4, 128, 192);
        decoder.Load(golden.Weights);
        decoder.Swap();
        var driver = new DecoderDriver(decoder);
        var first = golden.Outputs.Integers("seq0.input_ids");
        var second = golden.Outputs.Integers("seq1.input_ids");

        driver.Step((2, 0, second[..50]));
        var (logits, experts) = driver.Step((0, 0, first), (2, 50, second[50..]));

        float[] expected = [.. golden.Outputs.Floats("seq0.logits"), .. golden.Outputs.Floats("seq1.logits").Skip(50 * golden.Config.VocabSize)];
        Assert.InRange(logits.SelectMany(row => row).Zip(expected, (x, y) => Math.Abs(x - y)).Max(), 0, tolerance);
        Assert.Equal(golden.Outputs.Integers("seq0.layer1.topk_idx").Take(2).Select(expert => (byte)expert), experts[0].Skip(2).Take(2));
    }

    [Fact]
    public void CopySlot_and_Swap_do_what_the_fused_decoder_does()
    {
        var config = Generation.EngineFixture.Config;
        using var model = new ModelDecoder(config, ModelPlacement.CpuFloat32, 4, 64, 64);
        using var fused = new CpuDecoder(config, 4, 64, 64, 1);

        var logits = new IDecoder[] { model, fused }.Select(decoder =>
        {
            decoder.Load(RandomPolicy.Create(config, PolicyVersion.Initial, 1));
            decoder.Swap();
            var driver = new DecoderDriver(decoder);
            driver.Step((0, 0, [5, 6, 7, 8]));
            decoder.CopySlot(0, 3, 3);
            decoder.Load(RandomPolicy.Create(config, new PolicyVersion(1), 2));
            decoder.Swap();
            return driver.Step((3, 3, [9])).Logits[0];
        }).ToArray();

        Assert.InRange(logits[0].Zip(logits[1], (x, y) => Math.Abs(x - y)).Max(), 0, 1e-5);
    }

    [Fact]
    public void Load_names_a_missing_weight()
    {
        var config = Generation.EngineFixture.Config;
        using var decoder = new ModelDecoder(config, ModelPlacement.CpuFloat32, 1, 16, 16);
        var weights = RandomPolicy.Create(config, PolicyVersion.Initial, 1);

        var exception = Assert.Throws<ArgumentException>(() => decoder.Load(weights with { Tensors = weights.Tensors.RemoveAt(2) }));

        Assert.Contains("lm_head.weight", exception.Message, StringComparison.Ordinal);
    }
}
