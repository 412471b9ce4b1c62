using Forge.AgentSide.Agents;
using Forge.AgentSide.Tools;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Agents;

public sealed class EpisodeRunnerTests
{
    private readonly RunnerHarness _harness = new();
    private readonly FakeEnvironment _environment = FakeEnvironment.Replying("seen");

    [Fact]
    public async Task Run_posts_one_result_ends_the_session_and_closes_the_environment()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Say("wrong"));

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Same(result, Assert.Single(_harness.Sink.Results));
        Assert.Equal([new EpisodeId("e")], gateway.EndedSessions);
        Assert.True(_environment.Disposed);
        Assert.False(result.Success);
    }

    [Fact]
    public async Task Run_ends_when_its_time_is_over()
    {
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            _harness.Time.Advance(_harness.Limits.Timeout);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            throw new InvalidOperationException("unreachable");
        });

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.Timeout), (result.Status, result.EndCause));
        Assert.Single(_harness.Sink.Results);
    }

    [Fact]
    public async Task Run_rewards_every_completion_also_when_time_runs_out_during_a_tool_call()
    {
        var environment = new FakeEnvironment(async (_, _) =>
        {
            _harness.Time.Advance(_harness.Limits.Timeout);
            return await Task.FromCanceled<ToolObservation>(new CancellationToken(canceled: true));
        });

        var result = await _harness.RunAsync(FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}"))), environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.Timeout), (result.Status, result.EndCause));
        Assert.Single(result.Rewards);
    }

    [Fact]
    public async Task Run_posts_nothing_when_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            await cancelled.CancelAsync();
            cancel.ThrowIfCancellationRequested();
            throw new InvalidOperationException("unreachable");
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _harness.RunUntilAsync(gateway, _environment, cancelled.Token).DefaultTimeout());

        Assert.Empty(_harness.Sink.Results);
        Assert.Single(gateway.EndedSessions);
    }

    [Fact]
    public async Task Run_blames_the_environment_for_a_tool_that_throws()
    {
        var environment = new FakeEnvironment((_, _) => throw new InvalidOperationException("disk on fire"));

        var result = await _harness.RunAsync(FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}"))), environment);

        Assert.Equal((EpisodeStatus.EnvironmentFailure, EndCauses.EnvironmentError), (result.Status, result.EndCause));
        Assert.Contains("disk on fire", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_blames_the_environment_for_a_verifier_that_throws()
    {
        var environment = new FakeEnvironment((_, _) => Task.FromResult(ToolObservation.Ok("")))
        {
            Verifier = _ => throw new InvalidOperationException("no verdict"),
        };

        var result = await _harness.RunAsync(FakeChatGateway.Answering(FakeChatGateway.Say("right")), environment);

        Assert.Equal((EpisodeStatus.EnvironmentFailure, false), (result.Status, result.Success));
        Assert.Empty(result.Rewards);
    }

    [Fact]
    public async Task Run_blames_the_machinery_for_a_gateway_fault()
    {
        var gateway = new FakeChatGateway((_, _) => throw new ForgeException("engine gone"));

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.InfrastructureFailure, EndCauses.GatewayError), (result.Status, result.EndCause));
        Assert.Equal("engine gone", result.Detail);
    }

    [Fact]
    public async Task Run_penalises_invalid_calls_by_at_most_one_per_completion()
    {
        var environment = new FakeEnvironment((_, _) => Task.FromResult(ToolObservation.Invalid("no such tool")));
        var gateway = FakeChatGateway.Answering(
            FakeChatGateway.Call(("fly", "{}")), FakeChatGateway.Call(("fly", "1"), ("fly", "2"), ("fly", "3")), FakeChatGateway.Say("right"));

        var result = await _harness.RunAsync(gateway, environment);

        Assert.Equal([-0.5, -1.0, 0.0], result.Rewards.Select(reward => reward.Process));
    }
}
