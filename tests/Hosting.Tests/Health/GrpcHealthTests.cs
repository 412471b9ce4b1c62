using Forge.Hosting.Health;
using Forge.Hosting.Services;
using Forge.Hosting.Tests.Services;
using Forge.Hosting.Tests.Wire;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Forge.Hosting.Tests.Health;

public sealed class GrpcHealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ready_service_serves_as_a_whole_and_by_name()
    {
        await using var service = await TestService.StartAsync();
        using var channel = Channel(service);
        var health = new Grpc.Health.V1.Health.HealthClient(channel);

        var whole = await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Token).ResponseAsync.DefaultTimeout();
        var named = await health.CheckAsync(new HealthCheckRequest { Service = "grpc.health.v1.Health" }, cancellationToken: Token).ResponseAsync.DefaultTimeout();
        var unknown = await Assert.ThrowsAsync<RpcException>(
            () => health.CheckAsync(new HealthCheckRequest { Service = "nobody" }, cancellationToken: Token).ResponseAsync.DefaultTimeout());

        Assert.Equal((ServingStatus.Serving, ServingStatus.Serving, StatusCode.NotFound), (whole.Status, named.Status, unknown.StatusCode));
    }

    [Fact]
    public async Task Health_needs_no_key_and_follows_readiness()
    {
        var missing = new Missing { Reason = "are not here" };
        await using var service = await TestService.StartAsync(
            security: new SecurityOptions { Token = "top" }, services: services => services.AddSingleton<IReadinessCheck>(missing));
        using var channel = Channel(service);
        var health = new Grpc.Health.V1.Health.HealthClient(channel);

        var before = await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Token).ResponseAsync.DefaultTimeout();
        missing.Reason = null;
        var after = await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Token).ResponseAsync.DefaultTimeout();

        Assert.Equal((ServingStatus.NotServing, ServingStatus.Serving), (before.Status, after.Status));
    }

    [Fact]
    public async Task A_drain_tells_watchers_first_and_then_waits_for_the_work()
    {
        var work = new HeldWork();
        await using var service = await TestService.StartAsync(services: services => services.AddSingleton<IDrainable>(work));
        using var channel = Channel(service);
        var health = new Grpc.Health.V1.Health.HealthClient(channel);
        await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Token).ResponseAsync.DefaultTimeout();
        using var watch = health.Watch(new HealthCheckRequest(), cancellationToken: Token);
        await watch.ResponseStream.MoveNext(Token).DefaultTimeout();
        var first = watch.ResponseStream.Current.Status;

        var drain = service.Host.DrainAsync();
        await watch.ResponseStream.MoveNext(Token).DefaultTimeout();
        var second = watch.ResponseStream.Current.Status;
        var endedEarly = drain.IsCompleted;
        work.Finish();

        Assert.True(await drain.DefaultTimeout());
        Assert.Equal((ServingStatus.Serving, ServingStatus.NotServing, false), (first, second, endedEarly));
    }

    [Fact]
    public async Task A_service_that_drains_refuses_new_calls_as_transient_and_finishes_those_under_way()
    {
        var (work, entered, answer) = (new HeldWork(), new TaskCompletionSource(), new TaskCompletionSource<string>());
        await using var service = await TestService.StartAsync(
            app => app.MapGrpcService<SlowEcho>().AllowAnonymous(),
            services: services => services.AddSingleton<IDrainable>(work).AddSingleton(new SlowEcho(async _ =>
            {
                entered.TrySetResult();
                return await answer.Task;
            })));
        using var channel = Channel(service);
        var client = new EchoService.EchoServiceClient(channel);
        var underWay = client.OnceAsync(new EchoMessage(), cancellationToken: Token).ResponseAsync;
        await entered.Task.DefaultTimeout();

        var drain = service.Host.DrainAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.OnceAsync(new EchoMessage(), cancellationToken: Token).ResponseAsync.DefaultTimeout());
        answer.SetResult("done");
        var reply = await underWay.DefaultTimeout();
        work.Finish();

        Assert.True(await drain.DefaultTimeout());
        Assert.Equal((StatusCode.Unavailable, "done"), (refused.StatusCode, reply.Text));
    }

    [Fact]
    public async Task A_call_that_does_not_end_in_time_is_cut_and_reported()
    {
        var entered = new TaskCompletionSource();
        await using var service = await TestService.StartAsync(
            app => app.MapGrpcService<SlowEcho>().AllowAnonymous(),
            drain: TimeSpan.FromSeconds(1),
            services: services => services.AddSingleton(new SlowEcho(async cancellationToken =>
            {
                entered.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return "";
            })));
        using var channel = Channel(service);
        var client = new EchoService.EchoServiceClient(channel);
        var underWay = client.OnceAsync(new EchoMessage(), cancellationToken: Token).ResponseAsync;
        await entered.Task.DefaultTimeout();

        var inTime = await service.Host.DrainAsync().DefaultTimeout();

        Assert.False(inTime);
        await Assert.ThrowsAsync<RpcException>(() => underWay.DefaultTimeout());
        var log = await File.ReadAllTextAsync(ServiceHost.LogFile(service.Host.App.Services.GetRequiredService<ServiceHostParts>()), Token);
        Assert.Contains("left behind: 1 calls", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_called_and_gone_makes_a_service_not_ready()
    {
        var other = await TestService.StartAsync();
        using var check = new ReachableCheck(ServiceName.Rollout, ServiceAddress.Parse(other.Uri.ToString(), "/"), new TlsOptions());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        var before = await check.ReasonAsync(limit.Token);
        await other.DisposeAsync();
        var after = await check.ReasonAsync(limit.Token);

        Assert.Null(before);
        Assert.Contains("does not answer", after, StringComparison.Ordinal);
    }

    private static GrpcChannel Channel(TestService service) => GrpcChannel.ForAddress(service.Uri);

    /// <summary>Answers when it is let.</summary>
    private sealed class SlowEcho(Func<CancellationToken, Task<string>> answer) : EchoService.EchoServiceBase
    {
        public override async Task<EchoMessage> Once(EchoMessage request, ServerCallContext context)
            => new() { Text = await answer(context.CancellationToken) };
    }

    private sealed class Missing : IReadinessCheck
    {
        public string Name => "weights";

        public string? Reason { get; set; }

        public ValueTask<string?> ReasonAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Reason);
    }

    private sealed class HeldWork : IDrainable
    {
        private readonly TaskCompletionSource _finished = new();

        public string Name => "work";

        public void Finish() => _finished.SetResult();

        public Task DrainAsync(CancellationToken cancellationToken) => _finished.Task.WaitAsync(cancellationToken);
    }
}
