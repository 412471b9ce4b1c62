// N rows, H heads, K head dim, R half of the rotated channels
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>Holds the cosines and sines of one forward's positions, shared by all layers.</summary>
/// <param name="Cos_N1R">Cosines, one row per token, in at least fp32.</param>
/// <param name="Sin_N1R">Sines, aligned with the cosines.</param>
public sealed record RotaryAngles(Tensor Cos_N1R, Tensor Sin_N1R)
{
    // (a, b) -> (a cos - b sin, b cos + a sin), channel j paired with channel j + R; channels from 2R on pass through.
    internal Tensor Rotate(Tensor x_NHK)
    {
        var half = Cos_N1R.shape[2];
        if (half == 0)
        {
            return x_NHK.alias();
        }

        using var scope = NewDisposeScope();
        var rest = x_NHK.shape[2] - 2 * half;
        var parts = x_NHK.to_type(Cos_N1R.dtype).split([half, half, rest], -1);
        var (a_NHR, b_NHR) = (parts[0], parts[1]);
        var first_NHR = a_NHR.mul(Cos_N1R).sub(b_NHR.mul(Sin_N1R));
        var second_NHR = b_NHR.mul(Cos_N1R).add(a_NHR.mul(Sin_N1R));
        return cat([first_NHR, second_NHR, parts[2]], -1).to_type(x_NHK.dtype).MoveToOuterDisposeScope();
    }
}
