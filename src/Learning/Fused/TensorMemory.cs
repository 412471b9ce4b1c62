using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Reaches the memory of CPU tensors for the native kernels.</summary>
internal static class TensorMemory
{
    /// <summary>The first element; valid while the tensor lives. The tensor must be contiguous, on the CPU and below 2 GiB.</summary>
    public static unsafe nint Address(Tensor tensor)
        => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>Whether the kernels can take it: fp32 or fp64 on the CPU.</summary>
    public static bool Fits(Tensor tensor)
        => tensor.device_type == DeviceType.CPU && tensor.dtype is ScalarType.Float32 or ScalarType.Float64;

    /// <summary>Whether autograd will ask for a backward pass.</summary>
    public static bool IsTracked(params ReadOnlySpan<Tensor> inputs)
    {
        if (!is_grad_enabled())
        {
            return false;
        }

        foreach (var input in inputs)
        {
            if (input.requires_grad)
            {
                return true;
            }
        }

        return false;
    }
}
