using System.Runtime.InteropServices;

namespace Forge.Learning.Fused.Activations;

/// <summary>Owns one block of native memory that a forward pass fills for its backward pass.</summary>
internal sealed unsafe class ActivationBuffer : IDisposable
{
    private const int Alignment = 64;

    private void* _start;

    public ActivationBuffer(long byteCount)
    {
        _start = NativeMemory.AlignedAlloc((nuint)byteCount, Alignment);
        ByteCount = byteCount;
    }

    ~ActivationBuffer() => Free();

    public nint Address => (nint)_start;

    public long ByteCount { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
