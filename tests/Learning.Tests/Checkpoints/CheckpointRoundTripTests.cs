using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.TestKit;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Checkpoints;

public sealed class CheckpointRoundTripTests
{
    [Theory]
    [InlineData(ScalarType.Float32, long.MaxValue)]
    [InlineData(ScalarType.BFloat16, long.MaxValue)]
    [InlineData(ScalarType.Float64, long.MaxValue)]
    [InlineData(ScalarType.Float32, 20_000)]
    [InlineData(ScalarType.BFloat16, 20_000)]
    public void Write_then_load_keeps_every_bit(ScalarType dtype, long maxShardBytes)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var original = TinyModel.Create(dtype);
        original.Layers[1].Mixture.Bias_E.add_(0.125);

        CheckpointWriter.Write(original, folder.Root, dtype, maxShardBytes);

        using var loaded = CheckpointLoader.Load(folder.Root, original.Placement);
        AssertEqual(original, loaded);
        Assert.Equal(maxShardBytes < long.MaxValue, File.Exists(folder.At(CheckpointFolder.IndexName)));
    }

    [Fact]
    public void Load_then_write_in_the_same_dtype_gives_the_public_tensors_back()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Golden.Path("m2_tiny_a_sharded_bf16");
        using var model = CheckpointLoader.Load(source, new ModelPlacement(TinyModel.Device, ScalarType.BFloat16));

        CheckpointWriter.Write(model, folder.Root, ScalarType.BFloat16);

        using var before = CheckpointFolder.Open(source);
        using var after = CheckpointFolder.Open(folder.Root);
        Assert.Equal(before.Names.Order(StringComparer.Ordinal), after.Names.Order(StringComparer.Ordinal));
        foreach (var name in before.Names)
        {
            var (expected, actual) = (before.Find(name)!.Value.File.Read(name), after.Find(name)!.Value.File.Read(name));
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.True(expected.Equals(actual), name);
        }
    }

    [Fact]
    public void Write_over_an_earlier_checkpoint_replaces_it()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var first = TinyModel.Create(seed: 1);
        using var second = TinyModel.Create(seed: 2);
        CheckpointWriter.Write(first, folder.Root, ScalarType.Float32);

        CheckpointWriter.Write(second, folder.Root, ScalarType.Float32);

        using var loaded = CheckpointLoader.Load(folder.Root, second.Placement);
        AssertEqual(second, loaded);
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(folder.Root).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(20_000, long.MaxValue)]
    [InlineData(long.MaxValue, 20_000)]
    public void Write_in_another_layout_leaves_no_file_of_the_earlier_one(long before, long after)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var first = TinyModel.Create(seed: 1);
        using var second = TinyModel.Create(seed: 2);
        CheckpointWriter.Write(first, folder.Root, ScalarType.Float32, before);

        CheckpointWriter.Write(second, folder.Root, ScalarType.Float32, after);

        using var loaded = CheckpointLoader.Load(folder.Root, second.Placement);
        AssertEqual(second, loaded);
        Assert.NotEqual(File.Exists(folder.At(CheckpointFolder.IndexName)), File.Exists(folder.At(CheckpointFolder.SingleName)));
    }

    [Fact]
    public void EstimateBytes_is_what_the_tensors_take()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Create();

        CheckpointWriter.Write(model, folder.Root, ScalarType.BFloat16);

        using var written = CheckpointFolder.Open(folder.Root);
        Assert.Equal(
            written.Names.Sum(name => written.Find(name)!.Value.Entry.ByteCount),
            CheckpointWriter.EstimateBytes(model.Config, ScalarType.BFloat16));
        Assert.Equal(model.Config.ParameterCount, written.Names.Sum(name => written.Find(name)!.Value.Entry.ElementCount));
    }

    [Fact]
    public void PolicyWeights_carry_a_model_to_another_under_public_names()
    {
        using var scope = NewDisposeScope();
        using var source = TinyModel.Create(seed: 1);
        using var target = TinyModel.Create(seed: 2);

        var published = PolicyWeightsCodec.ToPolicyWeights(source, new PolicyVersion(4));
        PolicyWeightsCodec.FromPolicyWeights(target, published);

        Assert.Equal(4, published.Version.Value);
        Assert.Contains(published.Tensors, tensor => tensor.Name == "model.layers.1.block_sparse_moe.experts.5.w2.weight");
        AssertEqual(source, target);
    }

    [Fact]
    public void PolicyWeights_do_not_change_with_the_model()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        var published = PolicyWeightsCodec.ToPolicyWeights(model, PolicyVersion.Initial);
        var before = published.Tensors[0].Data.ToArray();

        using (no_grad())
        {
            model.Weights().ToList().ForEach(weight => weight.Value.add_(1));
        }

        Assert.Equal(before, published.Tensors[0].Data.ToArray());
    }

    [Fact]
    public void PolicyWeights_in_bf16_keep_the_router_in_float32()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();

        var published = PolicyWeightsCodec.ToPolicyWeights(model, PolicyVersion.Initial, ScalarType.BFloat16);

        Assert.All(published.Tensors, tensor => Assert.Equal(
            tensor.Name.EndsWith("gate.weight", StringComparison.Ordinal) || tensor.Name.EndsWith("bias", StringComparison.Ordinal)
                ? "F32" : "BF16",
            tensor.DType));
    }

    private static void AssertEqual(MiniMaxM2ForCausalLM expected, MiniMaxM2ForCausalLM actual)
        => Assert.All(expected.Weights().Zip(actual.Weights()), pair =>
        {
            Assert.Equal(pair.First.Name, pair.Second.Name);
            Assert.Equal(pair.First.Value.dtype, pair.Second.Value.dtype);
            Assert.True(pair.First.Value.Equals(pair.Second.Value), pair.First.Name);
        });
}
