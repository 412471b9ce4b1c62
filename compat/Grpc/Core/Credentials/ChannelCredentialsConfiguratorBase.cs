namespace Grpc.Core;

/// <summary>How a channel learns what its credentials are made of.</summary>
public abstract class ChannelCredentialsConfiguratorBase
{
    protected ChannelCredentialsConfiguratorBase()
    {
    }

    public abstract void SetInsecureCredentials(object? state);

    public abstract void SetSslCredentials(
        object? state, string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback);

    public abstract void SetCompositeCredentials(object? state, ChannelCredentials channelCredentials, CallCredentials callCredentials);
}
