using Forge.Learning.Fused;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Picks the fastest arithmetic that a placement has.</summary>
public static class KernelChoice
{
    public static ModelKernels For(ModelPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        return placement switch
        {
            { Device.type: DeviceType.CPU, Dtype: ScalarType.Float32 or ScalarType.Float64 } => new FusedKernels(),
            { Device.type: DeviceType.CUDA } => new CudaKernels(),
            _ => new ModelKernels(),
        };
    }
}
