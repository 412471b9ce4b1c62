using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.TestKit;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Checkpoints;

public sealed class StrictLoadingTests
{
    [Fact]
    public void Load_names_every_missing_extra_and_misshaped_tensor()
    {
        using var folder = new TemporaryFolder();
        Damage(folder, tensors =>
        {
            tensors.Remove("model.layers.0.block_sparse_moe.experts.3.w2.weight");
            tensors.Remove("lm_head.weight", out var head);
            tensors["lm_heads.weight"] = head!;
            tensors["surplus"] = ones([1]);
            tensors["model.norm.weight"] = ones([5]);
        });

        var error = Load(folder);

        Assert.Contains("5 tensors differ", error, StringComparison.Ordinal);
        Assert.Contains("missing: model.layers.0.block_sparse_moe.experts.3.w2.weight", error, StringComparison.Ordinal);
        Assert.Contains("missing: lm_head.weight (is it 'lm_heads.weight'?)", error, StringComparison.Ordinal);
        Assert.Contains("extra: lm_heads.weight (is it 'lm_head.weight'?)", error, StringComparison.Ordinal);
        Assert.Contains("extra: surplus", error, StringComparison.Ordinal);
        Assert.Contains("misshaped: model.norm.weight is [5], the model has [32]", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_passes_over_announced_mtp_modules_only()
    {
        using var folder = new TemporaryFolder();
        var config = TinyModel.Config with { NumMtpModules = 1 };
        Damage(folder, tensors => tensors["model.layers.2.eh_proj.weight"] = ones([1]), config);
        using (CheckpointLoader.Load(folder.Root, new(TinyModel.Device, ScalarType.Float32)))
        {
        }

        Damage(folder, tensors => tensors["model.layers.3.eh_proj.weight"] = ones([1]), config);

        Assert.Contains("extra: model.layers.3.eh_proj.weight", Load(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_refuses_weights_that_are_whole_numbers()
    {
        using var folder = new TemporaryFolder();
        Damage(folder, tensors => tensors["model.norm.weight"] = ones([32], dtype: ScalarType.Int32));

        Assert.Contains("'model.norm.weight' is I32", Load(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_says_which_file_is_absent()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("config.json does not exist", Load(folder), StringComparison.Ordinal);
        File.Copy(Path.Combine(Golden.Path("m2_tiny_a"), "config.json"), folder.At("config.json"));

        Assert.Contains("model.safetensors does not exist", Load(folder), StringComparison.Ordinal);
        Assert.Throws<ForgeException>(() => CheckpointFolder.Open(folder.At("nowhere")));
    }

    [Theory]
    [InlineData("model-00002-of-00003.safetensors", null, "model-00002-of-00003.safetensors does not exist")]
    [InlineData("model.safetensors.index.json", "{", "not a valid index")]
    [InlineData("model.safetensors.index.json", "{}", "no weight_map")]
    [InlineData("model.safetensors.index.json", """{"weight_map": {"lm_head.weight": "../x"}}""", "not a file name")]
    [InlineData("model.safetensors.index.json", """{"weight_map": {"nothing": "model-00001-of-00003.safetensors"}}""", "nothing in model-00001")]
    public void Load_refuses_a_damaged_set_of_shards(string file, string? content, string expected)
    {
        using var folder = new TemporaryFolder();
        foreach (var path in Directory.GetFiles(Golden.Path("m2_tiny_a_sharded_bf16")))
        {
            File.Copy(path, folder.At(Path.GetFileName(path)));
        }

        File.Delete(folder.At(file));
        if (content is not null)
        {
            File.WriteAllText(folder.At(file), content);
        }

        Assert.Contains(expected, Load(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void FromPolicyWeights_changes_nothing_when_a_tensor_does_not_fit()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(seed: 1);
        using var other = TinyModel.Create(seed: 2);
        var before = TinyModel.Values(model.Head.Weight_VD);
        var published = PolicyWeightsCodec.ToPolicyWeights(other, PolicyVersion.Initial);
        var broken = published with { Tensors = [.. published.Tensors.Select(tensor => tensor with { Name = Rename(tensor.Name) })] };

        var error = Assert.Throws<ForgeException>(() => PolicyWeightsCodec.FromPolicyWeights(model, broken));

        Assert.Contains("missing: model.norm.weight", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyModel.Values(model.Head.Weight_VD));
    }

    [Fact]
    public void FromPolicyWeights_refuses_bytes_that_do_not_fit_the_shape()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        var published = PolicyWeightsCodec.ToPolicyWeights(model, PolicyVersion.Initial);
        var broken = published with { Tensors = [.. published.Tensors.Select(tensor => tensor with { Data = tensor.Data[1..] })] };

        var error = Assert.Throws<ForgeException>(() => PolicyWeightsCodec.FromPolicyWeights(model, broken));

        Assert.Contains("bytes of F32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_refuses_fp8_weights_with_missing_or_misshaped_scales()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Golden.Path("m2_tiny_d_fp8");
        File.Copy(Path.Combine(source, "config.json"), folder.At("config.json"));
        var bytes = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        var name = "model.layers.0.self_attn.q_proj.weight_scale_inv"u8.ToArray();
        bytes[bytes.AsSpan().IndexOf(name) + name.Length - 1] = (byte)'x';
        File.WriteAllBytes(folder.At("model.safetensors"), bytes);

        var error = Load(folder);

        Assert.Contains("extra: model.layers.0.self_attn.q_proj.weight_scale_inx", error, StringComparison.Ordinal);
    }

    private static string Rename(string name) => name == "model.norm.weight" ? "model.norms.weight" : name;

    private static string Load(TemporaryFolder folder)
        => Assert.Throws<ForgeException>(
            () => CheckpointLoader.Load(folder.Root, new(TinyModel.Device, ScalarType.Float32))).Message;

    private static void Damage(
        TemporaryFolder folder, Action<Dictionary<string, Tensor>> change, Forge.Learning.Model.Configuration.M2Config? config = null)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(config: config);
        CheckpointWriter.Write(model, folder.Root, ScalarType.Float32);
        var tensors = model.Weights().ToDictionary(weight => weight.Name, weight => weight.Value);
        change(tensors);
        SafetensorsWriter.Write(folder.At(CheckpointFolder.SingleName), tensors);
    }
}
