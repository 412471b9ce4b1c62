namespace Grpc.Core;

/// <summary>Messages that arrive one after the other. One reader at a time.</summary>
public interface IAsyncStreamReader<out T>
{
    T Current { get; }

    Task<bool> MoveNext(CancellationToken cancellationToken);
}
