using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Ports;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Gateway;
using Forge.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Gateways;

public sealed class GrpcChatGatewayTests : ChatGatewayConformance
{
    private readonly TemporaryFolder _folder = new();
    private ServedOnSocket? _served;

    public override async ValueTask DisposeAsync()
    {
        await (_served?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_an_infrastructure_fault_at_the_deadline_and_stops_the_engine()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Generator.Answer = async (_, stop) =>
        {
            await using var registration = stop.Register(stopped.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            throw new InvalidOperationException("unreachable");
        };
        var gateway = new GrpcChatGateway(
            _served!.Invoker, ServedOnSocket.Options with { GenerationTimeout = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);

        var fault = await Assert.ThrowsAsync<InfrastructureFaultException>(() => gateway.CompleteAsync(
            new() { Episode = new EpisodeId("e"), Messages = [], Sampling = new SamplingParameters() }, TestContext.Current.CancellationToken).DefaultTimeout());

        Assert.Contains("The gateway", fault.Message, StringComparison.Ordinal);
        await stopped.Task.DefaultTimeout();
    }

    protected override async Task<IChatGateway> OpenAsync()
    {
        _served = await ServedOnSocket.StartAsync(
            _folder,
            builder => builder.Services.AddSingleton<IGenerator>(Generator).AddSingleton<IEpisodeSink>(Pool)
                .AddGateway(Options, TinyTokenizer.Instance, new MiniMaxM2ChatFormat()),
            app => app.MapGateway());
        return new GrpcChatGateway(_served.Invoker, ServedOnSocket.Options, TimeProvider.System);
    }
}
