using System.Net;
using Forge.Contracts.V1;
using Forge.Hosting.Calls;
using Forge.Hosting.Services;
using Forge.TestKit;
using Grpc.Core;

namespace Forge.Cli.Tests.Services;

/// <summary>A gateway as a process of its own, called with keys that reach one episode.</summary>
[Trait("Tier", "integration")]
public sealed class EpisodeKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EpisodeKeyTests()
    {
        Directory.CreateDirectory(_folder.File("run"));
        File.WriteAllText(_folder.File("run/token"), "top\n");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_of_one_episode_reaches_that_episode_only()
    {
        using var process = ForgeProcess.Start(_folder.Path, "serve", "gateway", "--run-dir", _folder.File("run"));
        using var admin = new ServiceChannel(Parts("top"));
        Assert.Equal(StatusCode.OK, await EndSessionAsync(admin, "1-0"));
        using var http = ServiceSockets.HttpClient(Address, new TlsOptions(), "top", TimeSpan.FromMinutes(1));
        using var minted = await http.PostAsync("/keys/1-0", null, Token).DefaultTimeout();
        var key = await minted.Content.ReadAsStringAsync(Token).DefaultTimeout();
        using var own = new ServiceChannel(Parts(key));
        using var narrow = ServiceSockets.HttpClient(Address, new TlsOptions(), key, TimeSpan.FromMinutes(1));

        Assert.Equal(StatusCode.OK, await EndSessionAsync(own, "1-0"));
        Assert.Equal(StatusCode.PermissionDenied, await EndSessionAsync(own, "2-0"));
        Assert.Equal(StatusCode.PermissionDenied, await CodeAsync(client => client.CompleteAsync(Asking("2-0"), Options()), own));
        Assert.Equal(StatusCode.PermissionDenied, await CodeAsync(client => client.CompleteEvaluationAsync(Evaluating("2-0"), Options()), own));
        Assert.Equal(StatusCode.PermissionDenied, await CodeAsync(client => client.ReadStatisticsAsync(new ReadStatisticsRequest(), Options()), own));
        foreach (var path in new[] { "/keys/2-0", "/keys/1-0" })
        {
            using var refused = await narrow.PostAsync(path, null, Token).DefaultTimeout();
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    public void Dispose() => _folder.Dispose();

    private ServiceAddress Address => ServiceAddress.Parse("unix:gateway.sock", _folder.File("run"));

    private ServiceChannelParts Parts(string token) => new() { Address = Address, Token = token };

    private static CompleteRequest Asking(string episode) => new() { Chat = new ChatRequest { Episode = episode } };

    private static CompleteEvaluationRequest Evaluating(string episode) => new() { Chat = new ChatRequest { Episode = episode } };

    private static CallOptions Options()
        => new(deadline: (TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcDateTime, cancellationToken: Token);

    private static Task<StatusCode> EndSessionAsync(ServiceChannel channel, string episode)
        => CodeAsync(client => client.EndSessionAsync(new EndSessionRequest { Episode = episode }, Options()), channel);

    private static async Task<StatusCode> CodeAsync<T>(Func<GatewayService.GatewayServiceClient, AsyncUnaryCall<T>> call, ServiceChannel channel)
    {
        try
        {
            await call(new GatewayService.GatewayServiceClient(channel.Invoker)).ResponseAsync.DefaultTimeout();
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }
}
