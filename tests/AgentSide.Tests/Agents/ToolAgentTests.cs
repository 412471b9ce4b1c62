using Forge.AgentSide.Agents;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Agents;

public sealed class ToolAgentTests
{
    private readonly RunnerHarness _harness = new();
    private readonly FakeEnvironment _environment = FakeEnvironment.Replying("seen");

    [Fact]
    public async Task Play_appends_thinking_calls_and_results_until_the_final_answer()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Say("right"));

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.Completed, EndCauses.FinalAnswer, true), (result.Status, result.EndCause, result.Success));
        Assert.Equal(("right", 1, 0), (result.Detail, result.ToolCalls, result.ToolErrors));
        var last = gateway.Requests[^1].Messages;
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], last.Select(message => message.Role));
        Assert.Equal("think", last[2].ReasoningContent);
        Assert.Equal(("seen", "call_0"), (last[3].Content, last[3].ToolCallId));
        Assert.Equal(_environment.Tools, gateway.Requests[0].Tools.AsEnumerable());
    }

    [Fact]
    public async Task Play_makes_all_calls_of_an_answer_at_once_and_keeps_their_order()
    {
        var both = new TaskCompletionSource();
        var arrived = 0;
        var environment = new FakeEnvironment(async (_, arguments) =>
        {
            if (Interlocked.Increment(ref arrived) == 2)
            {
                both.SetResult();
            }

            await both.Task.DefaultTimeout();
            return ToolObservation.Ok("result of " + arguments);
        });
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "1"), ("act", "2")), FakeChatGateway.Say("right"));

        await _harness.RunAsync(gateway, environment);

        Assert.Equal(["act 1", "act 2"], environment.Calls);
        Assert.Equal(["result of 1", "result of 2"], gateway.Requests[^1].Messages.TakeLast(2).Select(message => message.Content));
        Assert.Equal(["call_0", "call_1"], gateway.Requests[^1].Messages.TakeLast(2).Select(message => message.ToolCallId));
    }

    [Fact]
    public async Task Play_gives_calls_beyond_the_bound_an_error()
    {
        var harness = new RunnerHarness { Limits = new AgentLimits { MaxParallelCalls = 2 } };
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "1"), ("act", "2"), ("act", "3")), FakeChatGateway.Say("right"));

        var result = await harness.RunAsync(gateway, _environment);

        Assert.Equal(["act 1", "act 2"], _environment.Calls);
        Assert.Equal((3, 1), (result.ToolCalls, result.ToolErrors));
        Assert.Equal("error: too many calls", gateway.Requests[^1].Messages[^1].Content);
    }

    [Fact]
    public async Task Play_takes_a_tool_error_as_an_observation()
    {
        var environment = new FakeEnvironment((_, _) => Task.FromResult(ToolObservation.Transient("busy")));
        var gateway = FakeChatGateway.Answering(
            FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Say("right"));

        var result = await _harness.RunAsync(gateway, environment);

        Assert.Equal((EpisodeStatus.Completed, true, 2, 2), (result.Status, result.Success, result.ToolCalls, result.ToolErrors));
        Assert.Equal("error: busy", gateway.Requests[^1].Messages[^1].Content);
        Assert.All(result.Rewards, reward => Assert.Equal(0, reward.Process));
    }

    [Fact]
    public async Task Play_says_when_turns_run_out()
    {
        var harness = new RunnerHarness { Limits = new AgentLimits { MaxTurns = 3 } };
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")));

        var result = await harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.MaxTurns), (result.Status, result.EndCause));
        Assert.Equal(3, result.Rewards.Length);
        Assert.Equal(3, gateway.Requests.Count);
    }

    [Fact]
    public async Task Play_says_when_tokens_run_out_and_never_asks_for_more_than_are_left()
    {
        var harness = new RunnerHarness { Limits = new AgentLimits { MaxTokens = 25, MaxNewTokens = 12 } };
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")));

        var result = await harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.MaxTokens), (result.Status, result.EndCause));
        Assert.Equal([12, 12, 5], gateway.Requests.Select(request => request.Sampling.MaxNewTokens));
    }

    [Fact]
    public async Task Play_does_not_run_the_calls_of_an_answer_that_was_cut_off()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")) with { FinishReason = FinishReason.Length });

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.MaxNewTokens), (result.Status, result.EndCause));
        Assert.Equal(-1, Assert.Single(result.Rewards).Process);
        Assert.Empty(_environment.Calls);
    }

    [Fact]
    public async Task Play_ends_at_a_full_context_without_counting_a_completion()
    {
        var full = FakeChatGateway.Say("") with { ResponseTokens = 0, FinishReason = FinishReason.Length };
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")), full);

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.MaxContext), (result.Status, result.EndCause));
        Assert.Single(result.Rewards);
    }

    [Fact]
    public async Task Play_sends_a_malformed_answer_back_once_and_then_fails()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Say("<invoke") with { Malformed = true });

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.Equal((EpisodeStatus.AgentFailure, EndCauses.MalformedCall), (result.Status, result.EndCause));
        Assert.Equal([-1.0, -1.0], result.Rewards.Select(reward => reward.Process));
        Assert.Equal(ChatRole.User, gateway.Requests[1].Messages[^1].Role);
        Assert.Equal("error: malformed answer", gateway.Requests[1].Messages[^1].Content);
    }

    [Fact]
    public async Task Play_runs_the_good_calls_of_a_malformed_answer()
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Call(("act", "{}")) with { Malformed = true }, FakeChatGateway.Say("right"));

        var result = await _harness.RunAsync(gateway, _environment);

        Assert.True(result.Success);
        Assert.Equal([-1.0, 0.0], result.Rewards.Select(reward => reward.Process));
    }

    [Fact]
    public async Task Play_calls_an_empty_answer_an_agent_failure()
    {
        var result = await _harness.RunAsync(FakeChatGateway.Answering(FakeChatGateway.Say("  ")), _environment);

        Assert.Equal((EpisodeStatus.AgentFailure, EndCauses.EmptyAnswer), (result.Status, result.EndCause));
        Assert.Equal(-1, result.Rewards[0].Process);
    }

    [Fact]
    public async Task Play_draws_every_turn_from_a_seed_of_its_own()
    {
        ChatReply[] replies = [FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Call(("act", "{}")), FakeChatGateway.Say("right")];
        var gateway = FakeChatGateway.Answering(replies);
        var again = FakeChatGateway.Answering(replies);

        await _harness.RunAsync(gateway, _environment);
        await _harness.RunAsync(again, _environment);

        var seeds = gateway.Requests.Select(request => request.Sampling.Seed).ToArray();
        Assert.Equal(3, seeds.Distinct().Count());
        Assert.Equal(seeds, again.Requests.Select(request => request.Sampling.Seed));
    }
}
