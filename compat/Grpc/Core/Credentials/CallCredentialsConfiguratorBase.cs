namespace Grpc.Core;

/// <summary>How a channel learns what call credentials are made of.</summary>
public abstract class CallCredentialsConfiguratorBase
{
    protected CallCredentialsConfiguratorBase()
    {
    }

    public abstract void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials);

    public abstract void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor);
}
