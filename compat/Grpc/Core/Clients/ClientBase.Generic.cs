using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>The base of generated clients, which can make another of their kind.</summary>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    protected ClientBase()
    {
    }

    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    public ClientBase(ChannelBase channel)
        : base(channel)
    {
    }

    public ClientBase(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    /// <summary>A client that names another host (the authority) in its requests.</summary>
    public T WithHost(string host)
    {
        GrpcPreconditions.CheckNotNull(host, nameof(host));
        return NewInstance(Configuration.WithHost(host));
    }

    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
