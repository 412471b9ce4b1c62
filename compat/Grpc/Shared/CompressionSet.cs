using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Shared;

/// <summary>The compressions that one side knows, by name.</summary>
internal sealed class CompressionSet
{
    private readonly Dictionary<string, ICompressionProvider> _providers;

    internal CompressionSet(IEnumerable<ICompressionProvider>? providers)
    {
        providers ??= [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)];
        _providers = providers.ToDictionary(provider => provider.EncodingName, StringComparer.Ordinal);
        AcceptEncoding = string.Join(',', _providers.Keys.Prepend(GrpcProtocol.IdentityEncoding));
    }

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    internal string AcceptEncoding { get; }

    /// <summary>Null for identity; throws when the name is not known.</summary>
    internal ICompressionProvider? Find(string? encoding)
    {
        if (encoding is null or GrpcProtocol.IdentityEncoding)
        {
            return null;
        }

        return _providers.TryGetValue(encoding, out var provider)
            ? provider
            : throw MessageFrame.Fault(StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: {AcceptEncoding}.");
    }

    internal static void Compress(ICompressionProvider provider, CompressionLevel? level, ReadOnlySpan<byte> payload, IBufferWriter<byte> target)
    {
        using var stream = provider.CreateCompressionStream(new BufferWriterStream(target), level);
        stream.Write(payload);
    }

    /// <summary>Never holds more than the limit, whatever the compressed bytes expand to.</summary>
    internal static void Decompress(ICompressionProvider provider, ReadOnlySequence<byte> payload, int? mostBytes, PooledBufferWriter target)
    {
        const int Step = 16 * 1024;
        using var stream = provider.CreateDecompressionStream(new SequenceStream(payload));
        try
        {
            while (stream.Read(target.GetSpan(Step)) is > 0 and var count)
            {
                target.Advance(count);
                MessageFrame.CheckReceived(target.WrittenCount, mostBytes);
            }
        }
        catch (InvalidDataException broken)
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"A compressed message is not valid {provider.EncodingName}: {broken.Message}", broken));
        }
    }
}
