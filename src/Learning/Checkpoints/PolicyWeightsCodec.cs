using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Learning.Checkpoints.Safetensors;
using Forge.Learning.Model;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints;

/// <summary>Turns a model into published weights and published weights back into a model.</summary>
public static class PolicyWeightsCodec
{
    /// <summary>Copies every weight to the host under its public name.</summary>
    /// <param name="model">The model to publish; it may change afterwards, the copy does not.</param>
    /// <param name="version">The version that the copy gets.</param>
    /// <param name="dtype">Precision of the copy; null keeps the model's. Router weights and biases stay in at least
    /// fp32.</param>
    public static PolicyWeights ToPolicyWeights(MiniMaxM2ForCausalLM model, PolicyVersion version, ScalarType? dtype = null)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var narrow = dtype ?? model.Placement.Dtype;
        var tensors = ImmutableArray.CreateBuilder<WeightTensor>();
        foreach (var weight in model.Weights())
        {
            using var inner = NewDisposeScope();
            var target = weight.IsKeptWide ? weight.Value.dtype : narrow;
            var bytes = TensorBytes.ToArray(weight.Value.to_type(target));
            tensors.Add(new WeightTensor(weight.Name, SafetensorsDtype.Of(target).Name, [.. weight.Value.shape], bytes));
        }

        return new PolicyWeights(version, tensors.ToImmutable());
    }

    /// <summary>Writes published weights into a model; nothing is written unless every name and shape fits.</summary>
    /// <exception cref="ForgeException">Missing, extra or misshaped tensors, or a dtype that no tensor has.</exception>
    public static void FromPolicyWeights(MiniMaxM2ForCausalLM model, PolicyWeights weights)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var own = model.Weights();
        var offered = weights.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        StrictMatch.Check(
            $"Policy version {weights.Version}", model.Config, own, offered.ToDictionary(pair => pair.Key, pair => pair.Value.Shape));
        foreach (var weight in own)
        {
            using var inner = NewDisposeScope();
            weight.Value.copy_(ToTensor(offered[weight.Name]));
        }
    }

    private static Tensor ToTensor(WeightTensor tensor)
    {
        var dtype = SafetensorsDtype.Find(tensor.DType);
        var expected = tensor.Shape.Aggregate((long)(dtype?.Size ?? 0), (product, size) => product * size);
        return dtype?.Scalar is { } scalar && tensor.Data.Length == expected
            ? TensorBytes.FromBytes(tensor.Data, scalar, [.. tensor.Shape])
            : throw new ForgeException(
                $"The published tensor '{tensor.Name}' has {tensor.Data.Length} bytes of {tensor.DType} for [{string.Join(", ", tensor.Shape)}].");
    }
}
