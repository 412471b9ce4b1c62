// N rows, R half of the rotated channels
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>
/// Computes rotary angles from positions: angle(p, j) = p · theta^(-2j / rotary_dim) (arXiv 2104.09864).
/// </summary>
/// <remarks>
/// Angles are computed in fp64 and their cosines rounded once, so that trainer and rollout agree at any position
/// whatever tables they keep.
/// </remarks>
public sealed class RotaryEmbedding
{
    private readonly Tensor _frequency_1R;
    private readonly ScalarType _wideDtype;

    internal RotaryEmbedding(int rotaryDim, double theta, ModelPlacement placement)
    {
        var frequencies = new double[rotaryDim / 2];
        for (var j = 0; j < frequencies.Length; j++)
        {
            frequencies[j] = Math.Pow(theta, -2.0 * j / rotaryDim);
        }

        _wideDtype = placement.WideDtype;
        using var scope = NewDisposeScope();
        _frequency_1R = tensor(frequencies, dtype: ScalarType.Float64, device: placement.Device)
            .unsqueeze(0).DetachFromDisposeScope();
    }

    /// <param name="positions_N">int64, from 0.</param>
    public RotaryAngles Angles(Tensor positions_N)
    {
        using var scope = NewDisposeScope();
        var angle_N1R = positions_N.to_type(ScalarType.Float64).unsqueeze(1).mul(_frequency_1R).unsqueeze(1);
        return new RotaryAngles(
            angle_N1R.cos().to_type(_wideDtype).MoveToOuterDisposeScope(),
            angle_N1R.sin().to_type(_wideDtype).MoveToOuterDisposeScope());
    }
}
