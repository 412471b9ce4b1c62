using System.Security.Cryptography;
using Forge.Contracts.V1;
using Google.Protobuf;

namespace Forge.Contracts.Weights;

/// <summary>One policy ready to be sent: the manifest, and the chunks that it describes.</summary>
public sealed class WeightsTransfer
{
    /// <summary>The most bytes of one chunk.</summary>
    public const int ChunkBytes = 4 << 20;

    // A difference that saves less than one part in this many is not worth its unpacking.
    private const int LeastSaving = 16;

    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _chunks;

    private WeightsTransfer(WeightsImage image, WeightsEncoding encoding, IReadOnlyList<ReadOnlyMemory<byte>> chunks)
    {
        _chunks = chunks;
        Manifest = new WeightsManifest
        {
            Version = image.Version.Value,
            Encoding = encoding,
            TransferBytes = chunks.Sum(chunk => (long)chunk.Length),
            Chunks = { chunks.Select(chunk => new ChunkEntry { Bytes = chunk.Length, Sha256 = ByteString.CopyFrom(SHA256.HashData(chunk.Span)) }) },
            FileBytes = image.Length,
            FileSha256 = ByteString.CopyFrom(image.Sha256.AsSpan()),
            Tensors =
            {
                image.Weights.Tensors.Zip(
                    image.TensorSha256, (tensor, hash) => new TensorEntry { Name = tensor.Name, Sha256 = ByteString.CopyFrom(hash.AsSpan()) }),
            },
        };
    }

    public WeightsManifest Manifest { get; }

    /// <summary>The manifest, then the chunks.</summary>
    public IEnumerable<PublishRequest> Messages
        => _chunks.Select(chunk => new PublishRequest { Chunk = new WeightsChunk { Data = UnsafeByteOperations.UnsafeWrap(chunk) } })
            .Prepend(new PublishRequest { Manifest = Manifest });

    public static WeightsTransfer Full(WeightsImage image) => new(image, WeightsEncoding.Full, Cut(image.Pieces));

    /// <summary>What turns one policy into another; null when the two differ in shape, or when it would not be clearly smaller than the whole.</summary>
    public static WeightsTransfer? Delta(WeightsImage image, WeightsImage before)
    {
        if (!image.Header.AsSpan().SequenceEqual(before.Header))
        {
            return null;
        }

        var changes = image.Weights.Tensors.Zip(
            before.Weights.Tensors, (after, old) => (ReadOnlyMemory<byte>)PlaneDelta.Encode(after.Data.Span, old.Data.Span, ElementSizes.Of(after.DType)));
        var chunks = Cut(changes);
        if (chunks.Sum(chunk => (long)chunk.Length) > image.Length - (image.Length / LeastSaving))
        {
            return null;
        }

        var transfer = new WeightsTransfer(image, WeightsEncoding.Delta, chunks);
        transfer.Manifest.BaseVersion = before.Version.Value;
        transfer.Manifest.BaseSha256 = ByteString.CopyFrom(before.Sha256.AsSpan());
        return transfer;
    }

    private static List<ReadOnlyMemory<byte>> Cut(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var chunks = new List<ReadOnlyMemory<byte>>();
        var gathered = new MemoryStream();
        foreach (var piece in pieces)
        {
            for (var start = 0; start < piece.Length;)
            {
                var count = Math.Min(piece.Length - start, ChunkBytes - (int)gathered.Length);
                gathered.Write(piece.Span.Slice(start, count));
                start += count;
                if (gathered.Length == ChunkBytes)
                {
                    chunks.Add(gathered.ToArray());
                    gathered.SetLength(0);
                }
            }
        }

        if (gathered.Length > 0)
        {
            chunks.Add(gathered.ToArray());
        }

        return chunks;
    }
}
