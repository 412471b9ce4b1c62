using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Optim;

/// <summary>Bounds the Euclidean norm of all gradients together, without waiting for the device.</summary>
public static class GradientClip
{
    // Keeps the division finite for vanishing gradients.
    private const double Epsilon = 1e-6;

    /// <summary>Scales every gradient by min(1, max / norm).</summary>
    /// <param name="parameters">Those without gradient are passed over.</param>
    /// <param name="maxNorm">The bound; 0 or infinity only measures.</param>
    /// <returns>The norm before scaling, a scalar tensor in at least fp32 that belongs to the caller's dispose
    /// scope.</returns>
    public static Tensor Clip(IEnumerable<Parameter> parameters, double maxNorm)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxNorm);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0)
        {
            return zeros([], dtype: ScalarType.Float32).MoveToOuterDisposeScope();
        }

        var norm = stack(gradients.Select(Norm)).norm();
        if (maxNorm > 0 && double.IsFinite(maxNorm))
        {
            var factor = norm.add(Epsilon).reciprocal().mul(maxNorm).clamp_max(1.0);
            foreach (var gradient in gradients)
            {
                gradient.mul_(factor.to_type(gradient.dtype));
            }
        }

        return norm.MoveToOuterDisposeScope();
    }

    private static Tensor Norm(Tensor gradient)
        => (gradient.dtype == ScalarType.Float64 ? gradient : gradient.to_type(ScalarType.Float32)).norm();
}
