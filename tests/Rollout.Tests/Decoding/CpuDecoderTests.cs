using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;
using Forge.Rollout.Bench;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Tests.Decoding;

public sealed class CpuDecoderTests
{
    // Sizes that are no multiple of a vector anywhere, and three query heads per key head.
    private static readonly M2Config Ragged = new()
    {
        VocabSize = 77,
        HiddenSize = 40,
        NumHiddenLayers = 2,
        NumAttentionHeads = 6,
        NumKeyValueHeads = 2,
        HeadDim = 10,
        RotaryDim = 6,
        NumLocalExperts = 5,
        NumExpertsPerToken = 2,
        IntermediateSize = 24,
        RopeTheta = 10_000,
    };

    [Theory]
    [InlineData("m2_tiny_a", "seq0")]
    [InlineData("m2_tiny_a", "seq1")]
    [InlineData("m2_tiny_a_sharded_bf16", "seq0")]
    public void Step_agrees_with_the_golden_logits_and_router_choices(string folder, string sequence)
    {
        var golden = new GoldenPolicy(folder);
        using var decoder = Create(golden.Config, golden.Weights);
        var ids = golden.Outputs.Integers($"{sequence}.input_ids");

        var (logits, experts) = new DecoderDriver(decoder).Step((0, 0, ids));

        var expected = golden.Outputs.Floats($"{sequence}.logits");
        Assert.InRange(logits.SelectMany(row => row).Zip(expected, (x, y) => Math.Abs(x - y)).Max(), 0, 1e-4);
        for (var layer = 0; layer < golden.Config.NumHiddenLayers; layer++)
        {
            var top = golden.Config.NumExpertsPerToken;
            var chosen = experts.SelectMany(row => row.Skip(layer * top).Take(top)).Select(expert => (int)expert);
            Assert.Equal(golden.Outputs.Integers($"{sequence}.layer{layer}.topk_idx"), chosen);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Step_agrees_with_a_double_precision_reference_on_ragged_sizes(int mode)
    {
        var weights = RandomPolicy.Create(Ragged, PolicyVersion.Initial, 3);
        using var decoder = Create(Ragged, weights, (StepMode)mode);
        var ids = Ids(Ragged, 70, 5);

        var (logits, _) = new DecoderDriver(decoder).Step((0, 0, ids));

        var expected = new ReferencePolicy(Ragged, weights).Logits(ids);
        Assert.InRange(logits.SelectMany(row => row).Zip(expected.SelectMany(row => row), (x, y) => Math.Abs(x - y)).Max(), 0, 2e-5);
    }

    [Fact]
    public void Step_gives_the_same_bits_whatever_the_chunks_are()
    {
        using var decoder = Create(Ragged, RandomPolicy.Create(Ragged, PolicyVersion.Initial, 3));
        var driver = new DecoderDriver(decoder);
        var ids = Ids(Ragged, 61, 6);
        var whole = driver.Step((0, 0, ids)).Logits;

        var chunks = new List<float[]>();
        foreach (var (from, to) in new[] { (0, 1), (1, 18), (18, 19), (19, 60), (60, 61) })
        {
            chunks.AddRange(driver.Step((1, from, ids[from..to])).Logits);
        }

        Assert.Equal(whole, chunks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Step_gives_the_same_bits_alone_and_in_a_busy_batch(int mode)
    {
        var config = RandomPolicy.ReferenceConfig;
        using var decoder = Create(config, RandomPolicy.Create(config, PolicyVersion.Initial, 3), (StepMode)mode);
        var driver = new DecoderDriver(decoder);
        var ids = Ids(config, 40, 7);
        driver.Step((0, 0, ids[..39]));
        var alone = driver.Step((0, 39, ids[39..])).Logits[0];

        foreach (var others in new[] { 1, 2, 3, 5, 11, 23 })
        {
            var chunks = Enumerable.Range(1, others).Select(slot => (slot, 0, Ids(config, 1 + (slot * 7 % 30), slot))).ToArray();
            var busy = driver.Step([.. chunks[..(others / 2)], (0, 39, ids[39..]), .. chunks[(others / 2)..]]).Logits;

            Assert.Equal(alone, busy[chunks[..(others / 2)].Sum(chunk => chunk.Item3.Length)]);
        }
    }

    [Fact]
    public void CopySlot_continues_like_the_original()
    {
        using var decoder = Create(Ragged, RandomPolicy.Create(Ragged, PolicyVersion.Initial, 3));
        var driver = new DecoderDriver(decoder);
        var ids = Ids(Ragged, 50, 8);
        var original = driver.Step((0, 0, ids)).Logits;

        decoder.CopySlot(0, 3, 37);

        Assert.Equal(original[37..], driver.Step((3, 37, ids[37..])).Logits);
    }

    [Fact]
    public void Swap_changes_the_policy_and_keeps_the_cache()
    {
        using var decoder = Create(Ragged, RandomPolicy.Create(Ragged, PolicyVersion.Initial, 3));
        var driver = new DecoderDriver(decoder);
        var ids = Ids(Ragged, 20, 9);
        var before = driver.Step((0, 0, ids)).Logits[^1];

        decoder.Load(RandomPolicy.Create(Ragged, new PolicyVersion(1), 4));
        var loaded = driver.Step((0, 19, ids[19..])).Logits[0];
        decoder.Swap();
        var swapped = driver.Step((0, 19, ids[19..])).Logits[0];

        Assert.Equal(before, loaded);
        Assert.NotEqual(before, swapped);
    }

    [Fact]
    public void Load_names_a_missing_weight()
        => AssertRejected(weights => weights.RemoveAt(5), "model.layers.0.self_attn.q_proj.weight");

    [Fact]
    public void Load_names_an_unknown_weight()
        => AssertRejected(weights => weights.Add(weights[0] with { Name = "model.layers.7.input_layernorm.weight" }), "model.layers.7.input_layernorm.weight");

    [Fact]
    public void Load_names_a_misshaped_weight_and_both_shapes()
        => AssertRejected(weights => weights.SetItem(0, weights[0] with { Shape = [40, 77] }), "40 x 77, expected 77 x 40");

    [Fact]
    public void Load_names_a_dtype_that_it_does_not_take()
        => AssertRejected(weights => weights.SetItem(0, weights[0] with { DType = "F8_E4M3" }), "F8_E4M3");

    [Fact]
    public void Constructor_rejects_heads_that_do_not_divide()
    {
        var exception = Assert.Throws<ArgumentException>(() => new CpuDecoder(Ragged with { NumKeyValueHeads = 4 }, 1, 16, 1, 1));

        Assert.Contains("heads is a multiple of kv_heads", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_rejects_a_token_outside_the_vocabulary()
    {
        using var decoder = Create(Ragged, RandomPolicy.Create(Ragged, PolicyVersion.Initial, 3));

        var exception = Assert.Throws<InvalidOperationException>(() => new DecoderDriver(decoder).Step((0, 0, [77])));

        Assert.Contains("token 77", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertRejected(Func<ImmutableArray<WeightTensor>, ImmutableArray<WeightTensor>> change, string expected)
    {
        using var decoder = new CpuDecoder(Ragged, 1, 16, 16, 1);
        var weights = RandomPolicy.Create(Ragged, PolicyVersion.Initial, 3);

        var exception = Assert.Throws<ArgumentException>(() => decoder.Load(weights with { Tensors = change(weights.Tensors) }));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static CpuDecoder Create(M2Config config, PolicyWeights weights, StepMode? mode = null)
    {
        var decoder = new CpuDecoder(config, slots: 32, maxContext: 256, maxRows: 768, threads: 3) { ForcedMode = mode };
        decoder.Load(weights);
        decoder.Swap();
        return decoder;
    }

    private static int[] Ids(M2Config config, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(config.VocabSize))];
    }
}
