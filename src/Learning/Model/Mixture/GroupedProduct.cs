// M assignments sorted by expert, D model, W expert width, E experts, O outputs
using System.Runtime.InteropServices;
using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>
/// Multiplies every expert's range of rows in one kernel, where libtorch has one (CUDA, bf16); the counts never leave
/// the device.
/// </summary>
internal static class GroupedProduct
{
    private const string OperatorName = "aten::_grouped_mm";

    // The kernel reads rows in steps of 16 bytes.
    private const long WidthMultiple = 8;

    // bf16 keeps 8 bits, and the probe's sums are small.
    private const double ProbeTolerance = 0.05;

    private static readonly Lazy<TorchOperator?> Operator = new(FindUsable);

    /// <summary>Whether the kernel can take these rows and experts on this machine.</summary>
    public static bool Fits(Tensor x_MD, Tensor w1_EWD)
        => x_MD.device_type == DeviceType.CUDA && x_MD.dtype == ScalarType.BFloat16
            && w1_EWD.shape[1] % WidthMultiple == 0 && w1_EWD.shape[2] % WidthMultiple == 0
            && Operator.Value is not null;

    public static Tensor SwiGlu(Tensor x_MD, Tensor counts_E, Tensor w1_EWD, Tensor w2_EDW, Tensor w3_EWD)
        => SwiGlu(Operator.Value!, x_MD, counts_E, w1_EWD, w2_EDW, w3_EWD);

    private static Tensor SwiGlu(TorchOperator grouped, Tensor x_MD, Tensor counts_E, Tensor w1_EWD, Tensor w2_EDW, Tensor w3_EWD)
    {
        using var scope = NewDisposeScope();
        var ends_E = counts_E.cumsum(0).to_type(ScalarType.Int32);
        var gate_MW = grouped.Call(x_MD, w1_EWD.transpose(1, 2), ends_E);
        var inner_MW = gate_MW.silu().mul(grouped.Call(x_MD, w3_EWD.transpose(1, 2), ends_E));
        return grouped.Call(inner_MW, w2_EDW.transpose(1, 2), ends_E).MoveToOuterDisposeScope();
    }

    // Chips and libtorch versions differ in what they support, so the kernel is believed after one small product and
    // its gradients.
    private static TorchOperator? FindUsable()
    {
        if (!TorchOperator.Exists(OperatorName))
        {
            return null;
        }

        try
        {
            var grouped = TorchOperator.Find(OperatorName);
            return ProbeDifference(grouped) < ProbeTolerance ? grouped : null;
        }
        catch (Exception error) when (error is InvalidOperationException or ExternalException)
        {
            return null;
        }
    }

    private static double ProbeDifference(TorchOperator grouped)
    {
        using var scope = NewDisposeScope();
        using var graph = enable_grad();
        long[] counts = [5, 0, 11];
        Tensor[] inputs = [Waves(16, 16), Waves(3, 24, 16), Waves(3, 16, 24), Waves(3, 24, 16)];
        var counts_E = tensor(counts, device: CUDA);
        var actual = SwiGlu(grouped, inputs[0], counts_E, inputs[1], inputs[2], inputs[3]);
        var expected = GroupedExperts.ByRange(inputs[0], counts, inputs[1], inputs[2], inputs[3]);

        // Dense gradients, as in training: the backward kernel refuses an expanded one, which a plain sum has.
        var slope_MD = Waves(16, 16).detach();
        var differences = autograd.grad([actual], inputs, [slope_MD]).Zip(autograd.grad([expected], inputs, [slope_MD]))
            .Append((First: actual, Second: expected))
            .Select(pair => pair.First.sub(pair.Second).abs().max().to_type(ScalarType.Float64));
        return stack(differences).max().ToDouble();
    }

    private static Tensor Waves(params long[] shape)
        => arange(shape.Aggregate((product, size) => product * size), dtype: ScalarType.Float32, device: CUDA)
            .sin().mul(0.3).view(shape).to_type(ScalarType.BFloat16).requires_grad_();
}
