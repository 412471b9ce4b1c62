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
        return placement is { Device.type: DeviceType.CPU, Dtype: ScalarType.Float32 } ? new FusedKernels() : new ModelKernels();
    }
}
