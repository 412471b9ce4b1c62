using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Rewards;
using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Gateways;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Gateway;
using Forge.Hosting.Calls;
using Forge.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Ports;

/// <summary>An episode whose time passes while a service is away broke; one whose time the policy took did not. The agent's clock is the test's.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _nobody = new();
    private readonly ScriptedGenerator _engine = new();
    private readonly ScriptedSink _pool = new();
    private readonly RecordingEpisodeSink _results = new();
    private readonly ManualTimeProvider _time = new();
    private readonly AgentLimits _limits = new();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServedOnSocket _gateway = null!;
    private ServiceChannel _away = null!;

    public async ValueTask InitializeAsync()
    {
        _away = ServedOnSocket.Open(_nobody);
        _gateway = await ServedOnSocket.StartAsync(
            _folder,
            builder => builder.Services.AddSingleton<IGenerator>(_engine).AddSingleton<IEpisodeSink>(_pool)
                .AddGateway(new GatewayOptions { ContextLength = 4096 }, TinyTokenizer.Instance, new MiniMaxM2ChatFormat()),
            app => app.MapGateway()).DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        _away.Dispose();
        await _gateway.DisposeAsync();
        _folder.Dispose();
        _nobody.Dispose();
    }

    [Fact]
    public async Task A_gateway_that_is_away()
    {
        _arrived.SetResult();

        AssertBroken(await OutwaitAsync(new GrpcChatGateway(_away.Invoker, ServedOnSocket.Options, TimeProvider.System)));
    }

    [Fact]
    public async Task An_engine_that_is_away()
    {
        var engine = new GrpcGenerator(_away.Invoker, ServedOnSocket.Options, TimeProvider.System);
        _engine.Answer = (request, stop) => Arrived(() => engine.GenerateAsync(request, stop));

        AssertBroken(await OutwaitAsync(Gateway()));
    }

    [Fact]
    public async Task A_pool_that_is_away()
    {
        var pool = new GrpcEpisodeSink(_away.Invoker, ServedOnSocket.Options, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _pool.Answer = (completion, _) => Arrived(() => pool.RecordAsync(completion, end.Token));

        AssertBroken(await OutwaitAsync(Gateway()));
        await end.CancelAsync();
    }

    [Fact]
    public async Task An_engine_that_stands_still()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _engine.Answer = (_, _) => Arrived<Completion>(async () =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, end.Token);
            throw new InvalidOperationException("unreachable");
        });

        AssertBroken(await OutwaitAsync(Gateway()));
        await end.CancelAsync();
    }

    [Fact]
    public async Task An_engine_at_work_is_the_policys_own_time()
    {
        _engine.Answer = (request, _) =>
        {
            _time.Advance(request.Patience!.Value);
            throw new TimeoutException("still decoding");
        };

        var result = await Play(Gateway()).DefaultTimeout();

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.Timeout, FailureKind.None), (result.Status, result.EndCause, result.Failure));
    }

    private static void AssertBroken(EpisodeResult result)
    {
        Assert.Equal((FailureKind.Infrastructure, EndCauses.GatewayError, true), (result.Failure, result.EndCause, result.IsBroken));
        Assert.Empty(result.Rewards);
    }

    private GrpcChatGateway Gateway() => new(_gateway.Invoker, ServedOnSocket.Options, TimeProvider.System);

    private Task<T> Arrived<T>(Func<Task<T>> answer)
    {
        _arrived.TrySetResult();
        return answer();
    }

    private Task<EpisodeResult> Play(IChatGateway gateway)
    {
        var environment = EnvironmentCatalog.Create(new EnvironmentOptions { Name = "calc" });
        var runner = new EpisodeRunner(environment, gateway, _results, new EpisodeRunnerOptions(_limits, new RewardOptions()), _time);
        var plan = new EpisodePlan(new EpisodeId("e"), environment.Sample(TaskSplit.Train, 1, 3), new SamplingParameters(), EnvironmentSeed: 1);
        return runner.RunAsync(plan, TestContext.Current.CancellationToken);
    }

    private async Task<EpisodeResult> OutwaitAsync(IChatGateway gateway)
    {
        var playing = Play(gateway);
        await _arrived.Task.DefaultTimeout();
        _time.Advance(_limits.Timeout);
        Assert.False(playing.IsCompleted);
        _time.Advance(EpisodeClock.Grace);
        return await playing.DefaultTimeout();
    }
}
