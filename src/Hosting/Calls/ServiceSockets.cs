using System.Net.Security;
using System.Net.Sockets;
using Forge.Hosting.Services;

namespace Forge.Hosting.Calls;

/// <summary>Connects to a service: TCP or a socket file, cleartext or TLS, with keep-alive and as many HTTP/2 connections as the calls need.</summary>
public static class ServiceSockets
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <exception cref="Forge.Core.Faults.ForgeException">The certificates of <paramref name="tls"/> can't be read.</exception>
    public static SocketsHttpHandler Handler(ServiceAddress address, TlsOptions tls)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = ConnectLimit,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            InitialHttp2StreamWindowSize = 2 << 20,

            // Also within TLS: what is filtered is HTTP/2's own bytes.
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult(
                context.NegotiatedHttpVersion.Major >= 2 ? new HandshakeStream(context.PlaintextStream) : context.PlaintextStream),
        };
        if (address.SocketPath is { } path)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);
        }

        if (address.IsSecure)
        {
            handler.SslOptions = Tls(tls);
        }

        return handler;
    }

    /// <summary>Asks a service over HTTP/1.1: health, status, metrics.</summary>
    public static HttpClient HttpClient(ServiceAddress address, TlsOptions tls, string? token, TimeSpan timeout)
    {
        var client = new HttpClient(Handler(address, tls)) { BaseAddress = address.Uri, Timeout = timeout };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        return client;
    }

    private static SslClientAuthenticationOptions Tls(TlsOptions tls)
    {
        var check = Certificates.Check(tls);
        return new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => check(certificate, errors),
            ClientCertificates = tls.Mutual ? [Certificates.Own(tls)!] : null,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
