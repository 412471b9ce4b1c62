using static TorchSharp.torch;

namespace Forge.Learning.Torch;

/// <summary>Makes the int64 tensors that libtorch's selections and embeddings take.</summary>
public static class IndexTensor
{
    /// <summary>int64, as many as there are values, on a device; it belongs to the caller's dispose scope.</summary>
    public static Tensor Of(IReadOnlyList<int> values, Device device)
    {
        ArgumentNullException.ThrowIfNull(values);
        var wide = new long[values.Count];
        for (var index = 0; index < wide.Length; index++)
        {
            wide[index] = values[index];
        }

        return tensor(wide, dtype: ScalarType.Int64, device: device);
    }
}
