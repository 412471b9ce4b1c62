using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Reads what a channel's credentials are made of, and checks that they fit its address.</summary>
internal sealed class ChannelSecurity : ChannelCredentialsConfiguratorBase
{
    private bool? _isSecure;

    private ChannelSecurity(bool sendsCallCredentials)
    {
        SendsCallCredentials = sendsCallCredentials;
    }

    /// <summary>What authenticates every call.</summary>
    internal IReadOnlyList<CallCredentials> CallCredentials { get; private set; } = [];

    internal bool SendsCallCredentials { get; }

    internal static ChannelSecurity Of(Uri address, GrpcChannelOptions options)
    {
        var isTls = address.Scheme == Uri.UriSchemeHttps;
        var security = new ChannelSecurity(isTls || options.UnsafeUseInsecureChannelCallCredentials);
        options.Credentials?.InternalPopulateConfiguration(security, null);
        if (security._isSecure is { } isSecure && isSecure != isTls)
        {
            throw new InvalidOperationException(isSecure
                ? $"The channel's credentials need TLS, and its address is {address}. Use https, or ChannelCredentials.Insecure."
                : $"The channel's credentials are insecure, and its address is {address}. Use http, or ChannelCredentials.SecureSsl.");
        }

        return security;
    }

    public override void SetInsecureCredentials(object? state) => _isSecure = false;

    public override void SetSslCredentials(
        object? state, string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback)
    {
        if (rootCertificates is not null || keyCertificatePair is not null || verifyPeerCallback is not null)
        {
            throw new InvalidOperationException(
                "SslCredentials with arguments are not supported: set certificates on GrpcChannelOptions.HttpHandler (SocketsHttpHandler.SslOptions).");
        }

        _isSecure = true;
    }

    public override void SetCompositeCredentials(object? state, ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        channelCredentials.InternalPopulateConfiguration(this, null);
        CallCredentials = [.. CallCredentials, callCredentials];
    }
}
