using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.Learning.Model;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints;

/// <summary>Loads checkpoints of the public layout into models, strictly, one tensor at a time.</summary>
public static class CheckpointLoader
{
    /// <summary>Builds the model that a folder describes and fills it.</summary>
    /// <param name="folder">Holds <c>config.json</c> and the weights.</param>
    /// <param name="placement">Device and precision of the model; weights are converted to it.</param>
    /// <param name="kernels">The arithmetic; null takes the fastest that fits.</param>
    /// <param name="fp8">How FP8 weights are decoded.</param>
    /// <exception cref="ForgeException">Something is absent, damaged or does not fit; the message names it.</exception>
    public static MiniMaxM2ForCausalLM Load(
        string folder, ModelPlacement placement, ModelKernels? kernels = null, Fp8Decoding fp8 = Fp8Decoding.Rounded)
    {
        using var checkpoint = CheckpointFolder.Open(folder);
        var model = new MiniMaxM2ForCausalLM(checkpoint.Config, placement, kernels);
        try
        {
            Fill(model, checkpoint, fp8);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Fills an existing model; nothing is written unless every name and shape fits.</summary>
    /// <exception cref="ForgeException">Something is absent, damaged or does not fit; the message names it.</exception>
    public static void Fill(MiniMaxM2ForCausalLM model, CheckpointFolder checkpoint, Fp8Decoding fp8 = Fp8Decoding.Rounded)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var weights = model.Weights();
        StrictMatch.Check(checkpoint.Path, model.Config, weights, Offered(checkpoint));
        foreach (var weight in weights)
        {
            using var inner = NewDisposeScope();
            weight.Value.copy_(Read(checkpoint, weight.Name, fp8));
        }
    }

    // The scales of FP8 weights belong to their weight and are no tensors of the model.
    private static Dictionary<string, ImmutableArray<long>> Offered(CheckpointFolder checkpoint)
    {
        var entries = checkpoint.Names.Select(name => checkpoint.Find(name)!.Value.Entry).ToList();
        var scales = entries.Where(entry => entry.Dtype.Name == SafetensorsDtype.Float8E4M3)
            .Select(entry => entry.Name + Fp8Blocks.ScaleSuffix).ToHashSet(StringComparer.Ordinal);
        return entries.Where(entry => !scales.Contains(entry.Name)).ToDictionary(entry => entry.Name, entry => entry.Shape);
    }

    private static Tensor Read(CheckpointFolder checkpoint, string name, Fp8Decoding fp8)
    {
        var (file, entry) = checkpoint.Find(name)!.Value;
        if (entry.Dtype.Name != SafetensorsDtype.Float8E4M3)
        {
            return entry.Dtype.Scalar is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16
                ? file.Read(name)
                : throw new ForgeException($"{file.Path}: '{name}' is {entry.Dtype.Name}; weights are F64, F32, F16, BF16 or F8_E4M3.");
        }

        using var scope = NewDisposeScope();
        var block = checkpoint.Fp8Block();
        var exact = Fp8Blocks.Dequantise(file, entry, Scales(checkpoint, entry, block), block);
        return (fp8 == Fp8Decoding.Rounded ? exact.to_type(ScalarType.BFloat16) : exact.alias()).MoveToOuterDisposeScope();
    }

    private static float[] Scales(CheckpointFolder checkpoint, SafetensorsEntry weight, (long Rows, long Columns) block)
    {
        var name = weight.Name + Fp8Blocks.ScaleSuffix;
        if (weight.Shape.Length != 2 || checkpoint.Find(name) is not { } found)
        {
            throw new ForgeException($"{checkpoint.Path}: the FP8 weight '{weight.Name}' needs a matrix '{name}' of block scales.");
        }

        long[] expected = [(weight.Shape[0] + block.Rows - 1) / block.Rows, (weight.Shape[1] + block.Columns - 1) / block.Columns];
        if (!found.Entry.Shape.SequenceEqual(expected) || found.Entry.Dtype.Scalar != ScalarType.Float32)
        {
            throw new ForgeException(
                $"{checkpoint.Path}: '{name}' is {found.Entry.Dtype.Name} [{string.Join(", ", found.Entry.Shape)}]; "
                + $"blocks of {block.Rows}×{block.Columns} need F32 [{string.Join(", ", expected)}].");
        }

        using var scope = NewDisposeScope();
        return found.File.Read(name).data<float>().ToArray();
    }
}
