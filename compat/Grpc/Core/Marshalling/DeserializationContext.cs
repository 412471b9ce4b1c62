using System.Buffers;

namespace Grpc.Core;

/// <summary>The bytes of a message that arrived; they belong to the call and are gone when the deserializer returns.</summary>
public abstract class DeserializationContext
{
    protected DeserializationContext()
    {
    }

    public abstract int PayloadLength { get; }

    public virtual byte[] PayloadAsNewBuffer() => throw new NotSupportedException();

    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(PayloadAsNewBuffer());
}
