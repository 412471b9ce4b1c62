using System.Runtime.InteropServices;

namespace Forge.Learning.Torch;

/// <summary>What libtorch's caching allocator holds on one CUDA device, in bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct CudaMemory
{
    /// <summary>In tensors that are alive.</summary>
    public long Allocated { get; init; }

    /// <summary>The most since the start or the last <see cref="ResetPeak"/>.</summary>
    public long AllocatedPeak { get; init; }

    /// <summary>Taken from the device, cached blocks included.</summary>
    public long Reserved { get; init; }

    public long ReservedPeak { get; init; }

    /// <exception cref="InvalidOperationException">There is no CUDA in this build or no such device.</exception>
    public static CudaMemory Of(int device = 0)
    {
        TorchBorder.Check(TorchBorder.forge_cuda_memory(device, out var figures));
        return figures;
    }

    public static void ResetPeak(int device = 0) => TorchBorder.Check(TorchBorder.forge_cuda_reset_peak(device));

    /// <summary>Gives cached blocks that no tensor uses back to the device.</summary>
    public static void EmptyCache() => TorchBorder.Check(TorchBorder.forge_cuda_empty_cache());
}
