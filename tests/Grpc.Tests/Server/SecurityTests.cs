using System.Net.Security;
using System.Net.Sockets;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grpc.Tests.Server;

public sealed class SecurityTests
{
    [Fact]
    public async Task Mutual_TLS_names_the_peer()
    {
        using var serverCertificate = Certificate("localhost");
        using var clientCertificate = Certificate("worker-7");
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Listen = listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = serverCertificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => certificate.Thumbprint == clientCertificate.Thumbprint;
            }),
        });
        var client = server.Client(new GrpcChannelOptions { HttpHandler = Handler(serverCertificate, clientCertificate) });
        await client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        var seen = await server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();

        Assert.Equal("worker-7", seen.PeerIdentity);
        Assert.StartsWith("ipv4:127.0.0.1:", seen.Peer, StringComparison.Ordinal);
        var without = server.Client(new GrpcChannelOptions { HttpHandler = Handler(serverCertificate, null) });
        Assert.Equal(
            StatusCode.Unavailable,
            (await Assert.ThrowsAsync<RpcException>(() => without.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout())).StatusCode);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_refused()
    {
        using var certificate = Certificate("localhost");
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { Listen = listen => listen.UseHttps(certificate) });
        var refused = await Assert.ThrowsAsync<RpcException>(() => server.Client().UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout());

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("certificate", refused.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Unix_sockets_carry_calls()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "echo.sock");
        await using var server = await EchoServer.StartAsync(new EchoServerOptions { UnixSocket = path });
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout();
        var seen = await server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();

        Assert.StartsWith("unix:", seen.Peer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequireAuthorization_keeps_strangers_out()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Services = services =>
            {
                services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyScheme>("key", _ => { });
                services.AddAuthorization();
            },
            Application = application => application.UseAuthentication().UseAuthorization(),
            Mapped = service => service.RequireAuthorization(),
        });
        var client = server.Client();
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(new EchoRequest()).ResponseAsync.DefaultTimeout());
        await client.UnaryAsync(new EchoRequest(), new Metadata { { "key", "open" } }).ResponseAsync.DefaultTimeout();
        var seen = await server.Journal.Started.ReadAsync().AsTask().DefaultTimeout();

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Equal("someone", seen.User);
    }

    [Theory]
    [InlineData("http://localhost:1", true)]
    [InlineData("https://localhost:1", false)]
    public void Credentials_must_fit_the_address(string address, bool secure)
        => Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { Credentials = secure ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure }));

    private static SocketsHttpHandler Handler(X509Certificate2 server, X509Certificate2? client)
        => new()
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == server.Thumbprint,
                ClientCertificates = client is null ? [] : [client],
            },
        };

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private sealed class KeyScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
            => Task.FromResult(Request.Headers["key"] == "open"
                ? AuthenticateResult.Success(new AuthenticationTicket(
                    new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "someone")], "key")), "key"))
                : AuthenticateResult.NoResult());
    }
}
