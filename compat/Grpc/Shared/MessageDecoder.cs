using System.Buffers;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Grpc.Shared;

/// <summary>Turns the bytes of one message into the message: decompresses, then calls the marshaller. One per call, one thread at a time.</summary>
internal sealed class MessageDecoder : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;

    /// <summary>What <c>grpc-encoding</c> named; null for identity.</summary>
    internal ICompressionProvider? Encoding { get; set; }

    internal int? MaxReceiveMessageSize { get; init; }

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    internal T Decode<T>(Marshaller<T> marshaller, ReadOnlySequence<byte> payload, bool compressed)
    {
        if (!compressed)
        {
            return Deserialize(marshaller, payload);
        }

        var provider = Encoding ?? throw MessageFrame.Fault(
            StatusCode.Internal, "A message is flagged as compressed, but no grpc-encoding header says how.");
        using var buffer = new PooledBufferWriter();
        CompressionSet.Decompress(provider, payload, MaxReceiveMessageSize, buffer);
        return Deserialize(marshaller, new ReadOnlySequence<byte>(buffer.WrittenMemory));
    }

    private T Deserialize<T>(Marshaller<T> marshaller, ReadOnlySequence<byte> payload)
    {
        _payload = payload;
        try
        {
            return marshaller.ContextualDeserializer(this);
        }
        catch (Exception broken) when (broken is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"A message of {payload.Length} bytes could not be read as {typeof(T).Name}.", broken));
        }
        finally
        {
            _payload = default;
        }
    }
}
