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

    private static void Configure(KestrelServerOptions kestrel, ServiceHostParts parts)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = parts.Security.MaxRequestBytes;
        limits.MaxRequestHeadersTotalSize = parts.Security.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MostHeaders;
        limits.MaxConcurrentConnections = parts.Security.MaxConnections;
        limits.Http2.MaxStreamsPerConnection = MostStreams;
        limits.Http2.InitialStreamWindowSize = StreamWindow;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

        // A stream that waits for the next group or token sends nothing for as long as that takes.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
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
