using System.Net.Sockets;
using Forge.Core.Faults;
using Forge.Hosting.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Hosting.Services;

/// <summary>Configures Kestrel for one service: its address with HTTP/1.1 and HTTP/2 side by side, and its limits.</summary>
internal static class KestrelSetup
{
    private const int MostHeaders = 100;
    private const int MostStreams = 1000;
    private const int StreamWindow = 2 << 20;
    private const int ConnectionWindow = 16 << 20;

    public static void Configure(IWebHostBuilder host, ServiceHostParts parts)
    {
        host.UseKestrel((_, kestrel) => Configure(kestrel, parts));
        host.UseKestrelHttpsConfiguration();
        host.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory, SplitListenerFactory>());
    }

    /// <summary>Lets a listener of its own speak HTTP/1.1 at one address, within the same limits.</summary>
    public static void ConfigurePublic(IWebHostBuilder host, ServiceAddress address, SecurityOptions security)
    {
        host.UseKestrel((_, kestrel) =>
        {
            Limit(kestrel, security);
            if (address.SocketPath is { } path)
            {
                RemoveDeadSocket(path);
            }

            kestrel.Listen(address.ToEndPoint(null), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (address.IsSecure)
                {
                    listen.UseHttps(Https(security.Tls));
                }
            });
        });
        host.UseKestrelHttpsConfiguration();

        // A flush ends when the system has taken every byte, so that what was flushed has left this process.
        host.ConfigureServices(services => services.Configure<SocketTransportOptions>(sockets => sockets.MaxWriteBufferSize = 1));
    }

    private static void Limit(KestrelServerOptions kestrel, SecurityOptions security)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = security.MaxRequestBytes;
        limits.MaxRequestHeadersTotalSize = security.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.MaxConcurrentConnections = security.MaxConnections;

        // A stream that waits for the next group or token sends nothing for as long as that takes.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
    }

    private static void Configure(KestrelServerOptions kestrel, ServiceHostParts parts)
    {
        Limit(kestrel, parts.Security);
        var limits = kestrel.Limits;
        limits.Http2.MaxStreamsPerConnection = MostStreams;
        limits.Http2.InitialStreamWindowSize = StreamWindow;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        Listen(kestrel, parts);
    }

    private static void Listen(KestrelServerOptions kestrel, ServiceHostParts parts)
    {
        var address = parts.Address;
        var endPoint = address.ToEndPoint(parts.Services.Bind);
        if (address.IsSecure)
        {
            kestrel.Listen(endPoint, listen => listen.UseHttps(Https(parts.Security.Tls)));
            return;
        }

        if (endPoint is UnixDomainSocketEndPoint)
        {
            RemoveDeadSocket(address.SocketPath!);
        }

        var services = kestrel.ApplicationServices;
        var sockets = new SocketTransportFactory(services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>());
        var shared = new SharedListener(sockets, endPoint, parts.Time);
        kestrel.Listen(new SplitEndPoint(shared, isHttp2: true), listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(new SplitEndPoint(shared, isHttp2: false), listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static HttpsConnectionAdapterOptions Https(TlsOptions tls)
    {
        var check = Certificates.Check(tls);
        return new HttpsConnectionAdapterOptions
        {
            ServerCertificate = Certificates.Own(tls),
            ClientCertificateMode = tls.Mutual ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate,
            ClientCertificateValidation = (certificate, _, errors) => check(certificate, errors),
        };
    }

    // A killed process leaves its socket file behind; one that somebody listens on stays.
    private static void RemoveDeadSocket(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new ForgeException($"Another process listens on '{path}'. Stop it ('forge ps' lists services), or choose another address.");
    }
}
