namespace Grpc.Core;

/// <summary>Responses of one call; they end when the handler returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
