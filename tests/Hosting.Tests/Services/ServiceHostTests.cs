using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Forge.Hosting.Faults;
using Forge.Hosting.Health;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Forge.TestKit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Tests.Services;

public sealed class ServiceHostTests
{
    private static readonly SecurityOptions WithToken = new() { Token = "top" };

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task One_cleartext_address_speaks_both_protocols(string version)
    {
        await using var service = await TestService.StartAsync(app => app.MapGet("/protocol", (HttpContext context) => context.Request.Protocol).AllowAnonymous());
        using var client = service.Client(Version.Parse(version));

        var answer = await client.GetStringAsync("/protocol", TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(version == "2.0" ? "HTTP/2" : "HTTP/1.1", answer);
    }

    [Fact]
    public async Task Bytes_that_arrive_one_by_one_reach_the_right_protocol()
    {
        await using var service = await TestService.StartAsync();
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(service.Uri.Host, service.Uri.Port, TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        var stream = socket.GetStream();

        // A method that starts like HTTP/2's preface and then differs.
        foreach (var letter in "PRX / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        {
            await stream.WriteAsync(new[] { (byte)letter }, TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        }

        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_file_serves_and_a_dead_one_is_replaced()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("g.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
        }

        await using var service = await TestService.StartAsync(address: $"unix:{path}");
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri("http://localhost") };

        Assert.Equal("ok\n", await client.GetStringAsync("/health", TestContext.Current.CancellationToken).DefaultTimeout());
    }

    [Fact]
    public async Task Every_endpoint_denies_a_caller_without_a_key_unless_it_is_for_everyone()
    {
        await using var service = await TestService.StartAsync(
            app =>
            {
                app.MapGet("/forgotten", () => "secret");
                app.MapGet("/authorized", () => "secret").RequireAuthorization();
                app.MapGet("/scoped", () => "secret").RequireScope(KeyLevel.Episode);
            },
            security: WithToken);
        using var client = service.Client();
        var endpoints = service.Host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();

        var open = new List<string>();
        foreach (var endpoint in endpoints)
        {
            var path = endpoint.RoutePattern.RawText!;
            using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken).DefaultTimeout();
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                open.Add(path);
            }
            else
            {
                Assert.Equal((path, HttpStatusCode.Unauthorized), (path, answer.StatusCode));
            }
        }

        Assert.Equal(["/health", "/ready"], open.Where(path => !path.StartsWith("/grpc.health.v1.Health/", StringComparison.Ordinal)).Order());
        Assert.True(endpoints.Length >= 7);
    }

    [Theory]
    [InlineData("top", "/forgotten", HttpStatusCode.Forbidden)]
    [InlineData("top", "/nowhere", HttpStatusCode.Forbidden)]
    [InlineData("top", "/run", HttpStatusCode.OK)]
    [InlineData("run-a", "/run", HttpStatusCode.OK)]
    [InlineData("run-a", "/admin", HttpStatusCode.Forbidden)]
    [InlineData("run-b", "/run", HttpStatusCode.Forbidden)]
    [InlineData("episode-a", "/run", HttpStatusCode.Forbidden)]
    [InlineData("episode-a", "/episode", HttpStatusCode.OK)]
    [InlineData("episode-b", "/episode", HttpStatusCode.Forbidden)]
    [InlineData("unknown", "/episode", HttpStatusCode.Unauthorized)]
    [InlineData("", "/episode", HttpStatusCode.Unauthorized)]
    public async Task A_key_opens_what_its_scope_covers(string key, string path, HttpStatusCode expected)
    {
        await using var service = await TestService.StartAsync(
            app =>
            {
                app.MapGet("/forgotten", () => "");
                app.MapGet("/admin", () => "").RequireScope(KeyLevel.Admin);
                app.MapGet("/run", () => "").RequireScope(KeyLevel.Run);
                app.MapGet("/episode", () => "").RequireScope(KeyLevel.Episode);
            },
            security: WithToken);
        var keys = service.Host.App.Services.GetRequiredService<KeyRing>();
        keys.Add("run-a", KeyScope.OfRun("run-a"));
        keys.Add("run-b", KeyScope.OfRun("run-b"));
        keys.Add("episode-a", KeyScope.OfEpisode("run-a", "e1"));
        keys.Add("episode-b", KeyScope.OfEpisode("run-b", "e1"));
        using var client = service.Client();
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {key}");

        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_web_page_that_gave_this_machine_a_name_of_its_own_is_kept_out()
    {
        await using var service = await TestService.StartAsync();
        using var client = service.Client();
        client.DefaultRequestHeaders.Host = "attacker.example";

        using var answer = await client.GetAsync("/health", TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using var service = await TestService.StartAsync(
            app => app.MapPost("/take", async (HttpContext context) =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                return "taken";
            }).AllowAnonymous(),
            security: new SecurityOptions { MaxRequestBytes = 2048 });
        using var client = service.Client();

        using var answer = await client.PostAsync("/take", new ByteArrayContent(new byte[4096]), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Readiness_ends_before_work_is_handed_back_and_the_exit_code_is_success()
    {
        var work = new HeldWork();
        await using var service = await TestService.StartAsync(services: services => services.AddSingleton<IDrainable>(work));
        using var client = service.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/ready", TestContext.Current.CancellationToken).DefaultTimeout()).StatusCode);

        var drained = service.Host.DrainAsync();
        await work.Asked.Task.DefaultTimeout();
        using var ready = await client.GetAsync("/ready", TestContext.Current.CancellationToken).DefaultTimeout();
        using var alive = await client.GetAsync("/health", TestContext.Current.CancellationToken).DefaultTimeout();
        work.Finish.SetResult();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, alive.StatusCode));
        Assert.True(await drained.DefaultTimeout());
    }

    [Fact]
    public async Task A_drain_that_runs_out_of_time_ends_anyway_and_names_what_was_left()
    {
        var work = new HeldWork();
        await using var service = await TestService.StartAsync(drain: TimeSpan.FromSeconds(1), services: services => services.AddSingleton<IDrainable>(work));
        var log = ServiceHost.LogFile(service.Host.App.Services.GetRequiredService<ServiceHostParts>());
        using var stop = new CancellationTokenSource();

        var drained = service.Host.DrainAsync();

        Assert.False(await drained.DefaultTimeout());
        var entry = File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement).Single(line => line.GetProperty("event_id").GetInt32() == 7002);
        Assert.Contains("left behind: held work", entry.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_shows_what_parts_wait_for()
    {
        var since = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var report = new StatusReport("loop", "takes groups", since, [new Wait("data_pool", "group 17", since, "look at its agent")], ImmutableSortedDictionary<string, double>.Empty);
        await using var service = await TestService.StartAsync(services: services => services.AddSingleton<IStatusSource>(new FixedStatus(report)));
        using var client = service.Client();

        var text = await client.GetStringAsync("/status", TestContext.Current.CancellationToken).DefaultTimeout();
        var status = JsonSerializer.Deserialize<ServiceStatus>(text, ServiceStatus.Json)!;

        Assert.Equal(("gateway", "run-a", ServicePhase.Ready), (status.Service, status.Run, status.Phase));
        Assert.Equal(report.Waits, Assert.Single(status.Parts).Waits);
    }

    [Fact]
    public async Task Run_ends_with_success_when_it_is_asked_to()
    {
        using var folder = new TemporaryFolder();
        await using var host = ServiceHost.Build(ServiceHost.CreateBuilder(TestService.Parts(folder.Path)));
        using var stop = new CancellationTokenSource();
        using var started = new CancellationTokenSource();
        host.App.Lifetime.ApplicationStarted.Register(stop.Cancel);

        Assert.Equal(ExitCode.Success, await host.RunAsync(stop.Token).DefaultTimeout());
    }

    private sealed class FixedStatus(StatusReport report) : IStatusSource
    {
        public StatusReport Report() => report;
    }

    private sealed class HeldWork : IDrainable
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "held work";

        public Task DrainAsync(CancellationToken cancellationToken)
        {
            Asked.SetResult();
            return Finish.Task;
        }
    }
}
