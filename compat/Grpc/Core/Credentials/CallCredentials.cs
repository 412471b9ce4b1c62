using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>What authenticates single calls; sent over TLS only, unless the channel says otherwise.</summary>
public abstract class CallCredentials
{
    protected CallCredentials()
    {
    }

    public static CallCredentials Compose(params CallCredentials[] credentials) => new CompositeCallCredentials(credentials);

    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor) => new AsyncAuthInterceptorCredentials(interceptor);

    public abstract void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state);

    private sealed class CompositeCallCredentials : CallCredentials
    {
        private readonly CallCredentials[] _credentials;

        internal CompositeCallCredentials(CallCredentials[] credentials)
        {
            GrpcPreconditions.CheckArgument(credentials.Length >= 2, $"Composing takes two or more credentials, not {credentials.Length}.");
            _credentials = [.. credentials];
        }

        public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state)
            => configurator.SetCompositeCredentials(state, _credentials);
    }

    private sealed class AsyncAuthInterceptorCredentials : CallCredentials
    {
        private readonly AsyncAuthInterceptor _interceptor;

        internal AsyncAuthInterceptorCredentials(AsyncAuthInterceptor interceptor)
        {
            _interceptor = GrpcPreconditions.CheckNotNull(interceptor, nameof(interceptor));
        }

        public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state)
            => configurator.SetAsyncAuthInterceptorCredentials(state, _interceptor);
    }
}
