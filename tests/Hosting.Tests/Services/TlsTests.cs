using Forge.Hosting.Calls;
using Forge.Hosting.Health;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Forge.Hosting.Tests.Calls;
using Forge.Hosting.Tests.Wire;
using Forge.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Tests.Services;

/// <summary>Services and their callers over TLS, with certificates of an authority that the test makes.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Address = "https://127.0.0.1:0";

    private readonly TestAuthority _ours = new();
    private readonly TestAuthority _foreign = new();

    [Fact]
    public async Task A_call_over_TLS_needs_the_key_and_gets_its_answer()
    {
        await using var service = await StartAsync(new SecurityOptions { Token = "top", Tls = _ours.Issue(mutual: false) });
        var trusting = new TlsOptions { Authority = _ours.AuthorityFile };

        Assert.Equal(StatusCode.OK, await CallAsync(service, trusting, "top"));
        Assert.Equal(StatusCode.Unauthenticated, await CallAsync(service, trusting, null));
    }

    [Fact]
    public async Task A_service_whose_authority_is_foreign_is_not_called()
    {
        await using var service = await StartAsync(new SecurityOptions { Token = "top", Tls = _foreign.Issue(mutual: false) });

        Assert.Equal(StatusCode.Unavailable, await CallAsync(service, new TlsOptions { Authority = _ours.AuthorityFile }, "top"));
    }

    [Fact]
    public async Task A_service_with_a_certificate_for_another_name_is_not_called()
    {
        await using var service = await StartAsync(new SecurityOptions { Token = "top", Tls = _ours.Issue(mutual: false, host: "other.example") });

        Assert.Equal(StatusCode.Unavailable, await CallAsync(service, new TlsOptions { Authority = _ours.AuthorityFile }, "top"));
    }

    [Fact]
    public async Task A_service_with_an_expired_certificate_is_not_called()
    {
        await using var service = await StartAsync(new SecurityOptions { Token = "top", Tls = _ours.Issue(mutual: false, ends: TimeSpan.FromMinutes(-1)) });

        Assert.Equal(StatusCode.Unavailable, await CallAsync(service, new TlsOptions { Authority = _ours.AuthorityFile }, "top"));
    }

    [Fact]
    public async Task With_mutual_TLS_a_certificate_of_the_authority_takes_the_place_of_the_key()
    {
        await using var service = await StartAsync(new SecurityOptions { Tls = _ours.Issue(mutual: true) });

        Assert.Equal(StatusCode.OK, await CallAsync(service, _ours.Issue(mutual: true), null));
    }

    [Fact]
    public async Task With_mutual_TLS_nobody_else_connects()
    {
        await using var service = await StartAsync(new SecurityOptions { Tls = _ours.Issue(mutual: true) });
        var foreign = _foreign.Issue(mutual: true);
        var stranger = new TlsOptions { Certificate = foreign.Certificate, Key = foreign.Key, Authority = _ours.AuthorityFile, Mutual = true };

        Assert.Equal(StatusCode.Unavailable, await CallAsync(service, stranger, "top"));
        Assert.Equal(StatusCode.Unavailable, await CallAsync(service, new TlsOptions { Authority = _ours.AuthorityFile }, "top"));
    }

    [Fact]
    public async Task Cleartext_gets_no_answer_from_a_service_with_TLS()
    {
        await using var service = await StartAsync(new SecurityOptions { Tls = _ours.Issue(mutual: true) });
        using var client = new HttpClient { BaseAddress = new UriBuilder(service.Uri) { Scheme = "http" }.Uri };

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/health", TestContext.Current.CancellationToken).DefaultTimeout());
    }

    [Fact]
    public async Task A_supervisor_asks_a_service_with_mutual_TLS_for_its_health()
    {
        await using var service = await StartAsync(new SecurityOptions { Tls = _ours.Issue(mutual: true) });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var check = new ReachableCheck(ServiceName.Gateway, ServiceAddress.Parse(service.Host.Addresses.Single(), "/"), _ours.Issue(mutual: true));

        Assert.Null(await check.ReasonAsync(limit.Token));
    }

    public void Dispose()
    {
        _ours.Dispose();
        _foreign.Dispose();
    }

    private static Task<TestService> StartAsync(SecurityOptions security) => TestService.StartAsync(
        app => app.MapGrpcService<Echo>().RequireScope(KeyLevel.Run), Address, security, services: services => services.AddSingleton<Echo>());

    private static async Task<StatusCode> CallAsync(TestService service, TlsOptions tls, string? token)
    {
        using var channel = new ServiceChannel(new ServiceChannelParts
        {
            Address = ServiceAddress.Parse(service.Host.Addresses.Single(), "/"),
            Security = new SecurityOptions { Tls = tls },
            Token = token,
        });
        try
        {
            var options = new CallOptions(
                deadline: (TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcDateTime, cancellationToken: TestContext.Current.CancellationToken);
            await new EchoService.EchoServiceClient(channel.Invoker).OnceAsync(new EchoMessage { Text = "a" }, options).ResponseAsync.DefaultTimeout();
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }
}
