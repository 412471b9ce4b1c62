using System.Collections.Immutable;
using System.Security.Cryptography;
using Forge.Core.Ring;

namespace Forge.Contracts.Weights;

/// <summary>A policy as the safetensors file that it is on the wire, with its checksums; the tensors' bytes are not copied.</summary>
public sealed class WeightsImage
{
    private WeightsImage(PolicyWeights weights)
    {
        Weights = weights;
        Header = SafetensorsHeader.Write(weights.Tensors);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        whole.AppendData(Header);
        var tensors = ImmutableArray.CreateBuilder<ImmutableArray<byte>>(weights.Tensors.Length);
        foreach (var tensor in weights.Tensors)
        {
            whole.AppendData(tensor.Data.Span);
            tensors.Add([.. SHA256.HashData(tensor.Data.Span)]);
        }

        (Sha256, TensorSha256) = ([.. whole.GetHashAndReset()], tensors.ToImmutable());
    }

    public PolicyWeights Weights { get; }

    public PolicyVersion Version => Weights.Version;

    /// <summary>Of the whole file.</summary>
    public ImmutableArray<byte> Sha256 { get; }

    /// <summary>Of each tensor's bytes, in the tensors' order.</summary>
    public ImmutableArray<ImmutableArray<byte>> TensorSha256 { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long Length => Header.Length + Weights.Tensors.Sum(tensor => (long)tensor.Data.Length);

    internal byte[] Header { get; }

    /// <summary>The file's bytes in order, in pieces.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Pieces => Weights.Tensors.Select(tensor => tensor.Data).Prepend(Header);

    public static WeightsImage Of(PolicyWeights weights) => new(weights);
}
