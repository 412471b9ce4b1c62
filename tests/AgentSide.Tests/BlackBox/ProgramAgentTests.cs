using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.AgentSide.Agents;
using Forge.AgentSide.BlackBox;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed class ProgramAgentTests : IDisposable
{
    private readonly ProgramHarness _harness = new();

    [Fact]
    public async Task Run_scores_the_answer_that_the_program_left()
    {
        var gateway = new FakeHarnessGateway(FakeHarnessGateway.Call("act", "{}"), FakeHarnessGateway.Say("something else"));

        var result = await _harness.RunAsync(gateway, "printf 'right\n' > answer.txt; exit 1");

        Assert.Equal((EpisodeStatus.Completed, EndCauses.FinalAnswer, true), (result.Status, result.EndCause, result.Success));
        Assert.Equal([0.0, 1.0], result.Rewards.Select(reward => reward.Outcome));
        Assert.Same(result, Assert.Single(_harness.Sink.Results));
        Assert.Equal([new EpisodeId("e")], gateway.Closed);
        Assert.True(_harness.Environment.Disposed);
    }

    [Fact]
    public async Task Run_takes_the_last_message_for_the_answer_when_there_is_no_file()
    {
        var result = await _harness.RunAsync(
            new FakeHarnessGateway(FakeHarnessGateway.Say("right"), FakeHarnessGateway.Say("a title", isAuxiliary: true)), "exit 0");

        Assert.True(result.Success);
    }

    [Fact]
    public async Task Run_tells_the_gateway_what_the_episode_may_use()
    {
        var gateway = new FakeHarnessGateway(FakeHarnessGateway.Say("right"));

        await _harness.RunAsync(gateway, "true");

        var session = Assert.Single(gateway.Opened);
        Assert.Equal((7, 300, 40, 0.7, 5UL), (session.MaxTurns, session.MaxTokens, session.Sampling.MaxNewTokens, session.Sampling.Temperature, session.Sampling.Seed));
    }

    [Fact]
    public async Task Run_gives_the_program_its_variables_and_nothing_of_ours()
    {
        await _harness.RunAsync(new FakeHarnessGateway(FakeHarnessGateway.Say("right")), "env; pwd; cat \"$FORGE_TASK\" > task.copy");

        var output = await File.ReadAllLinesAsync(_harness.Kept("stdout.txt"), TestContext.Current.CancellationToken);
        Assert.Contains("OPENAI_BASE_URL=http://127.0.0.1:1/e/e/v1", output);
        Assert.Contains("OPENAI_API_KEY=key-of-the-episode", output);
        Assert.Contains("ANTHROPIC_BASE_URL=http://127.0.0.1:1/e/e", output);
        Assert.Contains("ANTHROPIC_API_KEY=key-of-the-episode", output);
        Assert.Contains("FORGE_BASE_URL=http://127.0.0.1:1/e/e", output);
        Assert.Contains("FORGE_EPISODE=e", output);
        Assert.Contains("MINE=forge of question 1 3?", output);
        Assert.Contains(_harness.Kept("work"), output);
        Assert.DoesNotContain(output, line => line.StartsWith("DOTNET_", StringComparison.Ordinal) || line.StartsWith("FORGE_ROOT", StringComparison.Ordinal));
        var task = JsonNode.Parse(await File.ReadAllTextAsync(_harness.Kept("work/task.copy"), TestContext.Current.CancellationToken))!;
        Assert.Equal("question 1 3?", (string?)task["question"]);
        Assert.Equal("act", (string?)task["tools"]![0]!["function"]!["name"]);
        Assert.Equal(7, (int)task["limits"]!["turns"]!);
    }

    [Fact]
    public async Task Run_blames_the_environment_for_a_program_that_never_called()
    {
        var result = await _harness.RunAsync(new FakeHarnessGateway(), "echo no such module >&2; exit 3");

        Assert.Equal((EpisodeStatus.EnvironmentFailure, true), (result.Status, result.IsBroken));
        Assert.Contains("exit code 3", result.Detail, StringComparison.Ordinal);
        Assert.Contains("no such module", result.Detail, StringComparison.Ordinal);
        Assert.True(File.Exists(_harness.Kept("outcome.json")));
    }

    [Fact]
    public async Task Run_blames_the_environment_for_a_program_that_does_not_exist()
    {
        var result = await _harness.RunAsync(new FakeHarnessGateway(), "exec /no/such/program");

        Assert.Equal(EpisodeStatus.EnvironmentFailure, result.Status);
    }

    [Fact]
    public async Task Run_blames_the_machinery_for_a_gateway_that_could_not_answer()
    {
        var gateway = new FakeHarnessGateway(FakeHarnessGateway.Say("right")) { Fault = "the engine is away" };

        var result = await _harness.RunAsync(gateway, "true");

        Assert.Equal((EpisodeStatus.InfrastructureFailure, "the engine is away"), (result.Status, result.Detail));
        Assert.Empty(result.Rewards);
    }

    [Fact]
    public async Task Run_scores_what_was_there_at_a_limit()
    {
        var gateway = new FakeHarnessGateway(FakeHarnessGateway.Call("act", "{}")) { Limit = EndCauses.MaxTurns };

        var result = await _harness.RunAsync(gateway, "echo right > answer.txt");

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.MaxTurns, true), (result.Status, result.EndCause, result.Success));
        Assert.Single(result.Rewards);
    }

    [Fact]
    public async Task Run_kills_the_program_when_the_time_is_up()
    {
        using var harness = new ProgramHarness { Timeout = TimeSpan.FromSeconds(1) };

        var result = await harness.RunAsync(new FakeHarnessGateway(FakeHarnessGateway.Say("right")), "sleep 1000 & sleep 1000");

        Assert.Equal((EpisodeStatus.LimitReached, EndCauses.Timeout), (result.Status, result.EndCause));
        Assert.True(result.Elapsed < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Run_posts_nothing_and_closes_the_session_when_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var gateway = new FakeHarnessGateway(FakeHarnessGateway.Say("right"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _harness.RunUntilAsync(gateway, "sleep 1000", "e", cancelled.Token).DefaultTimeout());

        Assert.Empty(_harness.Sink.Results);
        Assert.Single(gateway.Closed);
    }

    [Fact]
    public async Task Run_reads_no_answer_through_a_link()
    {
        var result = await _harness.RunAsync(
            new FakeHarnessGateway(FakeHarnessGateway.Say("wrong")), "echo right > ../elsewhere; ln -s ../elsewhere answer.txt");

        Assert.Equal((false, "wrong"), (result.Success, result.Detail));
    }

    [Fact]
    public async Task Run_keeps_what_it_may_of_the_working_directory()
    {
        using var harness = new ProgramHarness { MaxKeptBytes = 5000 };

        await harness.RunAsync(new FakeHarnessGateway(FakeHarnessGateway.Say("right")), "head -c 100000 /dev/zero > big; echo small > small");

        Assert.False(File.Exists(harness.Kept("work/big")));
        Assert.True(File.Exists(harness.Kept("work/small")));
        var outcome = JsonNode.Parse(await File.ReadAllTextAsync(harness.Kept("outcome.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal("big", (string?)outcome["deleted_files"]![0]);
        Assert.Equal(JsonValueKind.Number, outcome["exit_code"]!.GetValueKind());
    }

    [Fact]
    public async Task Run_keeps_the_newest_episodes()
    {
        using var harness = new ProgramHarness { KeptEpisodes = 2 };
        foreach (var episode in new[] { "first", "second", "third" })
        {
            await harness.RunAsync(new FakeHarnessGateway(FakeHarnessGateway.Say("right")), "true", episode);
        }

        Assert.False(Directory.Exists(harness.Kept("", "first")));
        Assert.True(Directory.Exists(harness.Kept("", "second")));
        Assert.True(Directory.Exists(harness.Kept("", "third")));
    }

    [Fact]
    public async Task Run_takes_the_programs_word_only_when_it_should_and_counts_silence_as_nothing()
    {
        using var harness = new ProgramHarness { Reward = RewardSource.Program };

        var result = await harness.RunAsync(new FakeHarnessGateway(FakeHarnessGateway.Say("right")), "true");

        Assert.Equal((EpisodeStatus.Completed, false, 0.0), (result.Status, result.Success, result.Rewards[^1].Outcome));
    }

    public void Dispose() => _harness.Dispose();
}
