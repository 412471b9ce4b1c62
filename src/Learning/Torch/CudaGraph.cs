namespace Forge.Learning.Torch;

/// <summary>A recorded sequence of CUDA launches that replays as one, over the same memory.</summary>
/// <remarks>
/// Inputs and outputs are tensors made before the capture or inside it; new inputs are copied into them before a
/// replay.
/// Run the work once before capturing, so that libraries have made their workspaces.
/// </remarks>
public sealed class CudaGraph : IDisposable
{
    private IntPtr _handle;

    private CudaGraph(IntPtr handle) => _handle = handle;

    ~CudaGraph() => Release();

    /// <summary>Records what <paramref name="work"/> launches from the calling thread; nothing runs yet.</summary>
    /// <exception cref="InvalidOperationException">There is no CUDA in this build, or the work did something that a
    /// graph can't hold.</exception>
    public static CudaGraph Capture(Action work, int device = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        TorchBorder.Check(TorchBorder.forge_cuda_graph_begin(device, out var handle));
        var graph = new CudaGraph(handle);
        try
        {
            work();
        }
        catch
        {
            // The failed capture must end before its memory can go; its own failure would hide the reason.
            _ = TorchBorder.forge_cuda_graph_end(handle);
            graph.Dispose();
            throw;
        }

        TorchBorder.Check(TorchBorder.forge_cuda_graph_end(handle));
        return graph;
    }

    /// <summary>Queues all recorded launches on the calling thread's stream.</summary>
    public void Replay()
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        TorchBorder.Check(TorchBorder.forge_cuda_graph_replay(_handle));
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_handle != 0)
        {
            TorchBorder.forge_cuda_graph_free(_handle);
            _handle = 0;
        }
    }
}
