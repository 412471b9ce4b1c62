using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Scoring;

/// <summary>
/// Multiplies bf16 matrices into fp32 on tensor cores, where libtorch has the operator (CUDA): a product of two bf16 numbers is exact in
/// fp32 and the sums are fp32, so that the result is that of an fp32 product, at many times its speed.
/// </summary>
internal static class NarrowProduct
{
    private const string OperatorName = "aten::mm.dtype";

    // Sums of 64 terms in fp32; a result that was rounded to bf16 on its way misses it by a factor of a thousand.
    private const double ProbeTolerance = 1e-5;

    private static readonly Lazy<TorchOperator?> Operator = new(FindUsable);

    public static bool Fits(Tensor matrix)
        => matrix.device_type == DeviceType.CUDA && matrix.dtype == ScalarType.BFloat16 && Operator.Value is not null;

    public static Tensor Multiply(Tensor left, Tensor right) => Operator.Value!.Call(left, right, ScalarType.Float32);

    // Chips and libtorch versions differ in what they support, so the operator is believed after one small product.
    private static TorchOperator? FindUsable()
    {
        if (!TorchOperator.Exists(OperatorName))
        {
            return null;
        }

        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (left, right) = (Waves(24, 64), Waves(64, 40));
        try
        {
            var product = TorchOperator.Find(OperatorName);
            var expected = left.to_type(ScalarType.Float64).matmul(right.to_type(ScalarType.Float64));
            var difference = product.Call(left, right, ScalarType.Float32).sub(expected).abs().max().ToDouble();
            return difference < ProbeTolerance ? product : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Tensor Waves(long rows, long columns)
        => arange(rows * columns, dtype: ScalarType.Float32, device: CUDA).sin().mul(0.3).view(rows, columns).to_type(ScalarType.BFloat16);
}
