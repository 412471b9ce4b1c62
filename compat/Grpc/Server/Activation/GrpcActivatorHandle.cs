namespace Grpc.AspNetCore.Server;

/// <summary>An instance, and whether it was made for this call alone.</summary>
public readonly struct GrpcActivatorHandle<T>
{
    public GrpcActivatorHandle(T instance, bool created, object? state)
    {
        Instance = instance;
        Created = created;
        State = state;
    }

    public T Instance { get; }

    public bool Created { get; }

    public object? State { get; }
}
