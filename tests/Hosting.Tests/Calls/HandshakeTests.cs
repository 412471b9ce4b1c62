using Forge.Hosting.Calls;
using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Forge.Hosting.Tests.Services;
using Forge.Hosting.Tests.Wire;
using Forge.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Tests.Calls;

/// <summary>What is sent again when a connection is cut, and what never is: <c>Once</c> stands for all calls that must not be made twice.</summary>
public sealed class HandshakeTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Echo _echo = new();
    private TestService _service = null!;

    public async ValueTask InitializeAsync() => _service = await TestService.StartAsync(
        app => app.MapGrpcService<Echo>().RequireScope(KeyLevel.Run),
        $"unix:{_folder.File("s")}",
        services: services => services.AddSingleton(_echo));

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Handshake.Dropped)]
    [InlineData(Handshake.Silent)]
    [InlineData(Handshake.Torn)]
    public async Task A_call_cut_off_before_the_services_first_frame_never_left_and_is_made_again(Handshake how)
    {
        await using var server = Serve(how, how);
        using var channel = Open();

        var answer = await OnceAsync(channel).DefaultTimeout();

        Assert.Equal("a", answer.Text);
        Assert.Equal((0, 1, 3), (server.Requests, _echo.Calls, server.Connections));
    }

    [Fact]
    public async Task A_call_cut_off_after_it_was_sent_is_not_made_again()
    {
        await using var server = Serve(Handshake.Done);
        using var channel = Open();

        var error = await Assert.ThrowsAsync<RpcException>(() => OnceAsync(channel).DefaultTimeout());

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Equal((1, 0, 1), (server.Requests, _echo.Calls, server.Connections));
    }

    [Fact]
    public async Task A_call_cut_off_after_it_was_sent_is_made_again_when_it_may_be_made_twice()
    {
        await using var server = Serve(Handshake.Done, Handshake.Silent, Handshake.Done);
        using var channel = Open();

        var answer = await new EchoService.EchoServiceClient(channel.Invoker).RepeatAsync(new EchoMessage { Text = "a" }, Options()).ResponseAsync.DefaultTimeout();

        Assert.Equal("a", answer.Text);
        Assert.Equal((2, 1, 4), (server.Requests, _echo.Calls, server.Connections));
    }

    [Fact]
    public async Task What_speaks_another_protocol_gets_no_request_and_is_not_asked_again()
    {
        await using var server = Serve(Handshake.Foreign);
        using var channel = Open();

        await Assert.ThrowsAsync<RpcException>(() => OnceAsync(channel).DefaultTimeout());

        Assert.Equal((0, 0, 1), (server.Requests, _echo.Calls, server.Connections));
    }

    [Fact]
    public async Task Calls_that_wait_for_one_handshake_are_all_made_once()
    {
        await using var server = Serve(Handshake.Silent, Handshake.Torn);
        using var channel = Open();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OnceAsync(channel))).DefaultTimeout();

        Assert.All(answers, answer => Assert.Equal("a", answer.Text));
        Assert.Equal((0, 50), (server.Requests, _echo.Calls));
    }

    private static Task<EchoMessage> OnceAsync(ServiceChannel channel)
        => new EchoService.EchoServiceClient(channel.Invoker).OnceAsync(new EchoMessage { Text = "a" }, Options()).ResponseAsync;

    private static CallOptions Options() => new(
        deadline: (TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(60)).UtcDateTime, cancellationToken: TestContext.Current.CancellationToken);

    private CuttingServer Serve(params Handshake[] cut)
    {
        var server = new CuttingServer(_folder.File("c"), _folder.File("s"), cut);
        server.Start();
        return server;
    }

    private ServiceChannel Open() => new(new ServiceChannelParts
    {
        Address = ServiceAddress.Parse($"unix:{_folder.File("c")}", "/"),
        Repeatable = new RepeatableMethods([EchoService.Descriptor]),
    });
}
