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
    public async Task Run_shows_what_the_world_says_at_its_start_below_the_question()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Say("right"));
        var environment = new FakeEnvironment((_, _) => throw new InvalidOperationException()) { Opening = () => "a door" };

        await _harness.RunAsync(gateway, environment);

        Assert.Equal("question 1 3?\n\na door", Assert.Single(gateway.Requests).Messages[^1].Content);
    }

    [Fact]
    public async Task Run_blames_the_environment_when_it_does_not_begin()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Say("right"));
        var environment = new FakeEnvironment((_, _) => throw new InvalidOperationException()) { Opening = () => throw new TimeoutException("nobody there") };

        var result = await _harness.RunAsync(gateway, environment);

        Assert.Equal((FailureKind.Environment, EndCauses.EnvironmentError), (result.Failure, result.EndCause));
        Assert.Contains("nobody there", result.Detail, StringComparison.Ordinal);
        Assert.True(environment.Disposed);
        Assert.Empty(gateway.Requests);
    }

    [Fact]
    public async Task Run_ends_when_the_policy_took_all_its_time()
    {
        var gateway = new FakeChatGateway((request, _) =>
        {
            _harness.Time.Advance(request.Patience!.Value);
            throw new TimeoutException("still generating");
        });

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.Timeout), (result.Status, result.EndCause));
        Assert.Single(_harness.Sink.Results);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Run_blames_the_machinery_when_its_time_passes_and_nobody_says_that_he_is_at_work(int answered)
    {
        FakeChatGateway gateway = null!;
        gateway = new FakeChatGateway(async (request, cancel) =>
        {
            if (gateway.Requests.Count <= answered)
            {
                return FakeChatGateway.Call(("act", "{}"));
            }

            _harness.Time.Advance(request.Patience!.Value);
            Assert.False(cancel.IsCancellationRequested);
            _harness.Time.Advance(EpisodeClock.Grace);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            throw new InvalidOperationException("unreachable");
        });

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((FailureKind.Infrastructure, EndCauses.GatewayError), (result.Failure, result.EndCause));
        Assert.True(result.IsBroken);
        Assert.Empty(result.Rewards);
        Assert.Contains("'forge ps'", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_tells_every_call_how_much_time_is_left()
    {
        var environment = new FakeEnvironment((_, _) =>
        {
            _harness.Time.Advance(TimeSpan.FromMinutes(2));
            return Task.FromResult(ToolObservation.Ok(""));
        });
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Call(("act", "{}")));

        var result = await _harness.RunAsync(gateway, environment);

        Assert.Equal([5, 3, 1], gateway.Requests.Select(request => (int)request.Patience!.Value.TotalMinutes));
        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.Timeout, 3), (result.Status, result.EndCause, result.Rewards.Length));
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
