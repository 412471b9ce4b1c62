using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>How a channel is secured, and what authenticates all of its calls.</summary>
public abstract class ChannelCredentials
{
    private static readonly InsecureCredentials InsecureInstance = new();
    private static readonly SslCredentials SecureSslInstance = new();

    public ChannelCredentials()
    {
    }

    public static ChannelCredentials Insecure => InsecureInstance;

    public static ChannelCredentials SecureSsl => SecureSslInstance;

    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
        => new CompositeChannelCredentials(channelCredentials, callCredentials);

    public abstract void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state);

    private sealed class InsecureCredentials : ChannelCredentials
    {
        public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state)
            => configurator.SetInsecureCredentials(state);
    }

    private sealed class CompositeChannelCredentials : ChannelCredentials
    {
        private readonly ChannelCredentials _channel;
        private readonly CallCredentials _call;

        internal CompositeChannelCredentials(ChannelCredentials channel, CallCredentials call)
        {
            _channel = GrpcPreconditions.CheckNotNull(channel, nameof(channel));
            _call = GrpcPreconditions.CheckNotNull(call, nameof(call));
        }

        public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state)
            => configurator.SetCompositeCredentials(state, _channel, _call);
    }
}
