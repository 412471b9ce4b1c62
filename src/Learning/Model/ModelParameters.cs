using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Creates parameters and buffers that outlive every dispose scope: the module owns them.</summary>
internal static class ModelParameters
{
    /// <summary>Zeros of the given shape, trainable.</summary>
    public static Parameter Zeros(Device device, ScalarType dtype, params long[] shape)
    {
        var parameter = new Parameter(zeros(shape, dtype: dtype, device: device), requires_grad: true);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>Ones of the given shape, trainable.</summary>
    public static Parameter Ones(Device device, ScalarType dtype, params long[] shape)
    {
        var parameter = new Parameter(ones(shape, dtype: dtype, device: device), requires_grad: true);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>Zeros of the given shape, saved with the model but not trained by the optimizer.</summary>
    public static Tensor Buffer(Device device, ScalarType dtype, params long[] shape)
        => zeros(shape, dtype: dtype, device: device).DetachFromDisposeScope();
}
