namespace Forge.Learning.Fused.Activations;

/// <summary>Carries a fused function's activations from its forward to its one backward pass.</summary>
internal sealed class SavedActivations(long byteCount)
{
    private ActivationBuffer? _buffer = ActivationPool.Shared.Rent(byteCount);

    /// <exception cref="InvalidOperationException">A backward pass has already used them up.</exception>
    public nint Address => _buffer?.Address ?? throw new InvalidOperationException(
        "This fused block's activations were given back after its first backward pass. Run the forward pass again, or build the "
        + "model with the reference kernels (new ModelKernels()) to go backward twice.");

    public void Release()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ActivationPool.Shared.Return(buffer);
        }
    }
}
