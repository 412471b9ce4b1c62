using Forge.Core.Ring;
using Forge.Core.Tracing;
using Forge.Hosting.Calls;
using Forge.Hosting.Faults;
using Forge.Hosting.Injection;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Forge.Hosting.Tests.Services;
using Forge.Hosting.Tests.Wire;
using Forge.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Tests.Calls;

/// <summary>Channel and service over a real connection.</summary>
public sealed class ServiceChannelTests : IDisposable
{
    private readonly Echo _echo = new();
    private readonly List<ServiceChannel> _channels = [];

    [Theory]
    [InlineData("top", StatusCode.OK)]
    [InlineData("wrong", StatusCode.Unauthenticated)]
    [InlineData(null, StatusCode.Unauthenticated)]
    public async Task A_call_needs_the_key(string? token, StatusCode expected)
    {
        await using var service = await StartAsync(new SecurityOptions { Token = "top" });

        Assert.Equal(expected, await CodeAsync(Client(service, token)).DefaultTimeout());
    }

    [Fact]
    public async Task A_socket_file_carries_calls()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(address: $"unix:{folder.File("s")}");
        var address = ServiceAddress.Parse($"unix:{folder.File("s")}", "/");

        Assert.Equal(StatusCode.OK, await CodeAsync(Client(address, new FaultOptions())).DefaultTimeout());
    }

    [Fact]
    public async Task A_call_waits_for_a_service_that_is_not_there_yet()
    {
        using var folder = new TemporaryFolder();
        var address = $"unix:{folder.File("s")}";
        var calling = CodeAsync(Client(ServiceAddress.Parse(address, "/"), new FaultOptions()));

        await using var service = await StartAsync(address: address);

        Assert.Equal(StatusCode.OK, await calling.DefaultTimeout());
        Assert.Equal(1, _echo.Calls);
    }

    [Fact]
    public async Task What_may_be_repeated_is_and_what_may_not_is_not()
    {
        await using var service = await StartAsync();
        var client = Client(service, null);

        _echo.Failures = 2;
        var repeated = await client.RepeatAsync(new EchoMessage { Text = "a" }, Options()).ResponseAsync.DefaultTimeout();
        _echo.Failures = _echo.Calls + 1;
        var once = await Assert.ThrowsAsync<RpcException>(() => client.OnceAsync(new EchoMessage(), Options()).ResponseAsync.DefaultTimeout());

        Assert.Equal(("a", 4), (repeated.Text, _echo.Calls));
        Assert.IsType<Forge.Core.Faults.OverloadedException>(StatusTable.FromRpc(once, "Echo"));
    }

    [Fact]
    public async Task An_answer_that_is_lost_was_given()
    {
        await using var service = await StartAsync();
        var client = Client(ServiceAddress.Parse(service.Host.Addresses.Single(), "/"), new FaultOptions { ErrorAfter = 1 });

        var error = await Assert.ThrowsAsync<RpcException>(() => client.OnceAsync(new EchoMessage(), Options()).ResponseAsync.DefaultTimeout());

        Assert.Equal((StatusCode.Unavailable, 1), (error.StatusCode, _echo.Calls));
    }

    [Fact]
    public async Task A_call_that_is_refused_or_dropped_never_arrives()
    {
        await using var service = await StartAsync();
        var address = ServiceAddress.Parse(service.Host.Addresses.Single(), "/");

        var refused = await CodeAsync(Client(address, new FaultOptions { ErrorBefore = 1 })).DefaultTimeout();
        var dropped = await CodeAsync(Client(address, new FaultOptions { Drop = 1 }), TimeSpan.FromMilliseconds(200)).DefaultTimeout();

        Assert.Equal((StatusCode.Unavailable, StatusCode.DeadlineExceeded, 0), (refused, dropped, _echo.Calls));
    }

    [Fact]
    public async Task Faults_cost_nothing_that_may_be_repeated()
    {
        await using var service = await StartAsync();
        var faults = new FaultOptions { Seed = 3, ErrorAfter = 0.05, ErrorBefore = 0.03, Delay = 0.2, LongestDelay = TimeSpan.FromMilliseconds(5) };
        var client = Client(ServiceAddress.Parse(service.Host.Addresses.Single(), "/"), faults);

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"{i}", (await client.RepeatAsync(new EchoMessage { Text = $"{i}" }, Options()).ResponseAsync.DefaultTimeout()).Text);
        }

        Assert.InRange(_echo.Calls, 101, 130);
    }

    [Fact]
    public async Task A_call_is_served_in_its_callers_trace()
    {
        using var spans = new SpanRecorder(RingTrace.SourceName, "Microsoft.AspNetCore", "System.Net.Http");
        await using var service = await StartAsync();
        var episode = new EpisodeId("17-3");

        using (RingTrace.StartEpisode(episode, new TaskReference(new TaskId("t"), "records", TaskSplit.Train, 1, 1)))
        {
            await CodeAsync(Client(service, null)).DefaultTimeout();
        }

        Assert.Equal(RingTrace.ContextOf(episode).TraceId, _echo.Trace);
    }

    [Fact]
    public async Task A_stream_breaks_where_its_fault_says()
    {
        await using var service = await StartAsync();
        var client = Client(ServiceAddress.Parse(service.Host.Addresses.Single(), "/"), new FaultOptions { ErrorAfter = 1 });
        var expected = new FaultPlan(new FaultOptions { ErrorAfter = 1 }).Of("/test.v1.EchoService/Count", 0).Messages;

        using var call = client.Count(new EchoMessage(), Options());
        var read = 0;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken).DefaultTimeout())
            {
                read++;
            }
        });

        Assert.Equal((StatusCode.Unavailable, expected), (error.StatusCode, read));
    }

    public void Dispose() => _channels.ForEach(channel => channel.Dispose());

    private static CallOptions Options(TimeSpan? timeout = null)
        => new(deadline: (TimeProvider.System.GetUtcNow() + (timeout ?? TimeSpan.FromSeconds(60))).UtcDateTime, cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<StatusCode> CodeAsync(EchoService.EchoServiceClient client, TimeSpan? timeout = null)
    {
        try
        {
            await client.OnceAsync(new EchoMessage(), Options(timeout)).ResponseAsync;
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }

    private Task<TestService> StartAsync(SecurityOptions? security = null, string address = "http://127.0.0.1:0")
        => TestService.StartAsync(
            app => app.MapGrpcService<Echo>().RequireScope(KeyLevel.Run),
            address,
            security,
            services: services => services.AddSingleton(_echo));

    private EchoService.EchoServiceClient Client(TestService service, string? token)
        => Client(new ServiceChannelParts { Address = ServiceAddress.Parse(service.Host.Addresses.Single(), "/"), Token = token });

    private EchoService.EchoServiceClient Client(ServiceAddress address, FaultOptions faults) => Client(new ServiceChannelParts { Address = address, Faults = faults });

    private EchoService.EchoServiceClient Client(ServiceChannelParts parts)
    {
        var channel = new ServiceChannel(parts with { Repeatable = new RepeatableMethods([EchoService.Descriptor]) });
        _channels.Add(channel);
        return new EchoService.EchoServiceClient(channel.Invoker);
    }
}
