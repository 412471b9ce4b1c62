namespace Grpc.Core;

/// <summary>Lets a deserializer that reads from a context read an array.</summary>
internal sealed class ArrayDeserializationContext(byte[] payload) : DeserializationContext
{
    public override int PayloadLength => payload.Length;

    public override byte[] PayloadAsNewBuffer() => [.. payload];

    public override System.Buffers.ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
}
