using Forge.Grpc.Tests.Echo;
using Forge.TestKit;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Forge.Grpc.Tests.Server;

public sealed class HealthTests
{
    [Fact]
    public async Task Watch_tells_the_status_and_every_change()
    {
        var health = new HealthServiceImpl();
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Services = services => services.AddSingleton(health),
            Application = application => application.MapGrpcService<HealthServiceImpl>(),
        });
        var client = new Health.HealthClient(server.Channel());
        health.SetStatus("a", ServingStatus.Serving);
        using var watch = client.Watch(new HealthCheckRequest { Service = "a" });

        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        health.SetStatus("a", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        health.ClearStatus("a");
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
    }

    [Fact]
    public async Task Check_answers_for_known_services_only()
    {
        var health = new HealthServiceImpl();
        health.SetStatus("", ServingStatus.Serving);
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Services = services => services.AddSingleton(health),
            Application = application => application.MapGrpcService<HealthServiceImpl>(),
        });
        var client = new Health.HealthClient(server.Channel());

        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest()).ResponseAsync.DefaultTimeout()).Status);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => client.CheckAsync(new HealthCheckRequest { Service = "b" }).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Health_checks_decide_for_the_services_they_are_mapped_to()
    {
        await using var server = await EchoServer.StartAsync(new EchoServerOptions
        {
            Services = services => services
                .AddGrpcHealthChecks(options => options.Services.Map("database", check => check.Tags.Contains("database")))
                .AddCheck("disk", () => HealthCheckResult.Healthy())
                .AddCheck("postgres", () => HealthCheckResult.Unhealthy(), ["database"]),
            Application = application => application.MapGrpcHealthChecksService(),
        });
        var client = new Health.HealthClient(server.Channel());

        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest()).ResponseAsync.DefaultTimeout()).Status);
        Assert.Equal(
            ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest { Service = "database" }).ResponseAsync.DefaultTimeout()).Status);
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext().DefaultTimeout());
        return watch.ResponseStream.Current.Status;
    }
}
