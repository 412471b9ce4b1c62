namespace Grpc.Core;

/// <summary>Takes messages one after the other; a write completes when the transport has room. One writer at a time.</summary>
public interface IAsyncStreamWriter<in T>
{
    WriteOptions? WriteOptions { get; set; }

    Task WriteAsync(T message);

    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException($"{GetType()} has no cancellation of single writes.");
        }

        return WriteAsync(message);
    }
}
