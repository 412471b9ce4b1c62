namespace Forge.Learning.Torch;

/// <summary>
/// A CUDA stream: an ordered queue of work on a device, from libtorch's pool; streams run beside one another.
/// </summary>
public sealed class CudaStream
{
    private readonly int _device;
    private readonly long _id;

    private CudaStream(int device, long id)
    {
        _device = device;
        _id = id;
    }

    /// <exception cref="InvalidOperationException">There is no CUDA in this build or no such device.</exception>
    public static CudaStream Create(int device = 0, bool highPriority = false)
    {
        TorchBorder.Check(TorchBorder.forge_cuda_stream_new(device, highPriority ? 1 : 0, out var id));
        return new CudaStream(device, id);
    }

    /// <summary>The calling thread's stream.</summary>
    public static CudaStream Current(int device = 0)
    {
        TorchBorder.Check(TorchBorder.forge_cuda_stream_current(device, out var id));
        return new CudaStream(device, id);
    }

    /// <summary>Makes it the calling thread's stream until the result is disposed, on the same thread.</summary>
    public IDisposable Use()
    {
        var earlier = Current(_device);
        TorchBorder.Check(TorchBorder.forge_cuda_stream_use(_device, _id));
        return new Return(earlier);
    }

    /// <summary>Waits until all work in it is done.</summary>
    public void Synchronize() => TorchBorder.Check(TorchBorder.forge_cuda_stream_synchronize(_device, _id));

    private sealed class Return(CudaStream earlier) : IDisposable
    {
        public void Dispose() => TorchBorder.Check(TorchBorder.forge_cuda_stream_use(earlier._device, earlier._id));
    }
}
