namespace Forge.Learning.Torch;

/// <summary>How many threads libtorch's CPU kernels use; OpenMP keeps the number per calling thread.</summary>
public static class TorchThreads
{
    /// <summary>The number for the calling thread. libtorch may start at 1 whatever the machine has.</summary>
    public static int Count
    {
        get => TorchBorder.forge_num_threads();
        set => TorchBorder.Check(TorchBorder.forge_set_num_threads(value));
    }
}
