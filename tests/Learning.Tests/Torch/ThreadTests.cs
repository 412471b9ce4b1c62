using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Torch;

public sealed class ThreadTests
{
    [Fact]
    public void Count_is_what_was_set_on_this_thread()
    {
        var earlier = TorchThreads.Count;

        TorchThreads.Count = 2;

        Assert.Equal(2, get_num_threads());
        TorchThreads.Count = earlier;
    }

    [Fact]
    public void Cuda_absent_is_a_text()
    {
        if (cuda.is_available())
        {
            Assert.True(CudaMemory.Of().Reserved >= 0);
            return;
        }

        Assert.Equal(0, cuda.device_count());
        Assert.Contains("CUDA", Assert.Throws<InvalidOperationException>(() => CudaMemory.Of()).Message, StringComparison.Ordinal);
        Assert.Contains("CUDA", Assert.Throws<InvalidOperationException>(() => ones(1, device: CUDA)).Message, StringComparison.Ordinal);
    }
}
