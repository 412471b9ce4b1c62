namespace Grpc.Core;

/// <summary>Lets a serializer that writes into a context answer with an array.</summary>
internal sealed class ArraySerializationContext : SerializationContext
{
    private readonly System.Buffers.ArrayBufferWriter<byte> _buffer = new();

    internal byte[]? Payload { get; private set; }

    public override void Complete(byte[] payload) => Payload = payload;

    public override System.Buffers.IBufferWriter<byte> GetBufferWriter() => _buffer;

    public override void Complete() => Payload = _buffer.WrittenSpan.ToArray();
}
