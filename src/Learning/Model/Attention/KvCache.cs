// L layers, P slots, S positions of a slot, G key/value heads, K head dim
using Forge.Learning.Model.Configuration;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>
/// Keeps keys and values of running sequences in slots that are allocated once and never grow or move.
/// </summary>
/// <remarks>
/// Not thread-safe: one decoder owns it. A slot holds nothing that needs clearing: rows only see positions that were
/// written.
/// </remarks>
public sealed class KvCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <param name="config">The model's shape.</param>
    /// <param name="placement">Device and dtype of the model.</param>
    /// <param name="slots">Sequences that can be held at once.</param>
    /// <param name="capacity">Positions per slot.</param>
    public KvCache(M2Config config, ModelPlacement placement, int slots, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (Slots, Capacity) = (slots, capacity);
        long[] shape = [slots, capacity, config.NumKeyValueHeads, config.HeadDim];
        _keys = Allocate(config.NumHiddenLayers, shape, placement);
        _values = Allocate(config.NumHiddenLayers, shape, placement);
    }

    public int Slots { get; }

    /// <summary>Positions per slot.</summary>
    public int Capacity { get; }

    internal Tensor Keys_PSGK(int layer) => _keys[layer];

    internal Tensor Values_PSGK(int layer) => _values[layer];

    /// <summary>
    /// Copies the first positions of one slot into another, so that a shared prompt is computed once.
    /// </summary>
    /// <param name="source">Slot to read.</param>
    /// <param name="target">Slot to write.</param>
    /// <param name="length">Positions to copy, from 0.</param>
    public void CopyPrefix(int source, int target, int length)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor.select(0, target).narrow(0, 0, length).copy_(tensor.select(0, source).narrow(0, 0, length));
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    private static Tensor[] Allocate(int layers, long[] shape, ModelPlacement placement)
    {
        var tensors = new Tensor[layers];
        for (var layer = 0; layer < layers; layer++)
        {
            tensors[layer] = zeros(shape, dtype: placement.Dtype, device: placement.Device).DetachFromDisposeScope();
        }

        return tensors;
    }
}
