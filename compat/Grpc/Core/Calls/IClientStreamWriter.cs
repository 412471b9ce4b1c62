namespace Grpc.Core;

/// <summary>Requests of one call; completing it tells the server that no more will come.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    Task CompleteAsync();
}
