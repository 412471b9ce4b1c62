using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a serializer puts a message: either one whole array, or a buffer that it writes into and completes.</summary>
public abstract class SerializationContext
{
    protected SerializationContext()
    {
    }

    public virtual void Complete(byte[] payload) => throw new NotSupportedException();

    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotSupportedException();

    /// <summary>Announces the length, so that the message can be written without a copy. Before <see cref="GetBufferWriter"/>.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    public virtual void Complete() => throw new NotSupportedException();
}
