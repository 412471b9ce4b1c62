using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Forge.Contracts.V1;
using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.Contracts.Weights;

/// <summary>
/// Puts a transfer together. Every chunk is checked when it arrives, every tensor and the whole file when it is finished; what does not match
/// is never handed out.
/// </summary>
/// <param name="manifest">The transfer's first message.</param>
/// <param name="current">What the receiver has: the base that a delta must name; null when it has nothing.</param>
public sealed class WeightsAssembler(WeightsManifest manifest, WeightsImage? current)
{
    private readonly List<ReadOnlyMemory<byte>> _chunks = [];

    /// <summary>Refuses a transfer that can't succeed before its chunks are sent.</summary>
    /// <exception cref="TornTransferException">The manifest contradicts itself, or changes a version that is not here.</exception>
    public void CheckManifest()
    {
        if (manifest.Chunks.Any(chunk => chunk.Bytes is < 1 or > WeightsTransfer.ChunkBytes) || manifest.Chunks.Sum(chunk => (long)chunk.Bytes) != manifest.TransferBytes)
        {
            throw Torn($"its chunks add up to {manifest.Chunks.Sum(chunk => (long)chunk.Bytes)} bytes, not {manifest.TransferBytes}");
        }

        if (manifest.Encoding is not (WeightsEncoding.Full or WeightsEncoding.Delta))
        {
            throw Torn($"its encoding is {manifest.Encoding}");
        }

        if (manifest.Encoding == WeightsEncoding.Delta
            && (current is null || current.Version.Value != manifest.BaseVersion || !current.Sha256.AsSpan().SequenceEqual(manifest.BaseSha256.Span)))
        {
            throw Torn($"it changes version {manifest.BaseVersion}, and {(current is null ? "none is" : $"another version ({current.Version}) is")} here");
        }
    }

    /// <exception cref="TornTransferException">It is not the chunk that the manifest announced.</exception>
    public void Add(WeightsChunk chunk)
    {
        if (_chunks.Count == manifest.Chunks.Count)
        {
            throw Torn($"it brought more than its {manifest.Chunks.Count} chunks");
        }

        var expected = manifest.Chunks[_chunks.Count];
        if (chunk.Data.Length != expected.Bytes || !SHA256.HashData(chunk.Data.Span).AsSpan().SequenceEqual(expected.Sha256.Span))
        {
            throw Torn($"chunk {_chunks.Count} of {chunk.Data.Length} bytes is not the one that was announced");
        }

        _chunks.Add(chunk.Data.Memory);
    }

    /// <summary>The policy, with everything checked.</summary>
    /// <exception cref="TornTransferException">Something is missing or differs from the manifest.</exception>
    public WeightsImage Finish()
    {
        if (_chunks.Count != manifest.Chunks.Count)
        {
            throw Torn($"it ended after {_chunks.Count} of {manifest.Chunks.Count} chunks");
        }

        var reader = new ChunkReader(_chunks);
        var tensors = manifest.Encoding == WeightsEncoding.Delta ? Changed(reader) : Whole(reader);
        if (!reader.IsAtEnd)
        {
            throw Torn("bytes are left after its last tensor");
        }

        var image = WeightsImage.Of(new PolicyWeights(new PolicyVersion(manifest.Version), tensors));
        Verify(image);
        return image;
    }

    private ImmutableArray<WeightTensor> Changed(ChunkReader reader)
        => [.. current!.Weights.Tensors.Select(tensor => tensor with { Data = PlaneDelta.Decode(reader, tensor.Data.Span, ElementSizes.Of(tensor.DType)) })];

    private ImmutableArray<WeightTensor> Whole(ChunkReader reader)
    {
        Span<byte> prefix = stackalloc byte[8];
        reader.Read(prefix);
        var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 0 || length > Math.Min(SafetensorsHeader.MostBytes, manifest.TransferBytes))
        {
            throw Torn($"its header claims {length} bytes");
        }

        var header = new byte[length];
        reader.Read(header);
        var tensors = ImmutableArray.CreateBuilder<WeightTensor>();
        var position = 0L;
        foreach (var place in SafetensorsHeader.Read(header))
        {
            var bytes = place.End - place.Start;
            if (place.Start != position || bytes < 0 || bytes > manifest.TransferBytes - 8 - length - position || bytes % ElementSizes.Of(place.DType) != 0)
            {
                throw Torn($"its header places {place.Name} at [{place.Start}, {place.End})");
            }

            var data = new byte[bytes];
            reader.Read(data);
            tensors.Add(new WeightTensor(place.Name, place.DType, place.Shape, data));
            position = place.End;
        }

        return tensors.ToImmutable();
    }

    private void Verify(WeightsImage image)
    {
        if (image.TensorSha256.Length != manifest.Tensors.Count)
        {
            throw Torn($"it has {image.TensorSha256.Length} tensors, and its manifest {manifest.Tensors.Count}");
        }

        for (var index = 0; index < manifest.Tensors.Count; index++)
        {
            var (name, expected) = (image.Weights.Tensors[index].Name, manifest.Tensors[index]);
            if (name != expected.Name || !image.TensorSha256[index].AsSpan().SequenceEqual(expected.Sha256.Span))
            {
                throw Torn($"tensor {name} is not the {expected.Name} of the manifest");
            }
        }

        if (image.Length != manifest.FileBytes || !image.Sha256.AsSpan().SequenceEqual(manifest.FileSha256.Span))
        {
            throw Torn("the whole does not have the manifest's SHA-256");
        }
    }

    private TornTransferException Torn(string what)
        => new($"The transfer of policy version {manifest.Version} was not used: {what}. A full transfer follows by itself.");
}
