using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>
/// A tensor about to be written, in the dtype that the file will have; converted only while it is written.
/// </summary>
internal sealed record StoredTensor(string Name, Tensor Value, SafetensorsDtype Dtype)
{
    public ImmutableArray<long> Shape => [.. Value.shape];

    public long ByteCount => Value.numel() * Dtype.Size;

    public static StoredTensor Of(string name, Tensor value) => new(name, value, SafetensorsDtype.Of(value.dtype));

    public static StoredTensor Of(string name, Tensor value, ScalarType dtype) => new(name, value, SafetensorsDtype.Of(dtype));

    public void WriteTo(Stream stream)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var host = Value.detach().to_type(Dtype.Scalar!.Value).cpu().contiguous();
        TensorBytes.ForEachChunk(host, (chunk, _) => stream.Write(chunk));
    }
}
