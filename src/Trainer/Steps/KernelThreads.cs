using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>Gives the trainer's kernels their threads. OpenMP keeps the number per calling thread, so every step sets it anew.</summary>
internal static class KernelThreads
{
    /// <param name="threads">Threads of a kernel; 0 leaves one per processor.</param>
    public static void Use(int threads) => set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
}
