using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.AgentSide.Records;
using Forge.AgentSide.Rewards;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private static readonly RecordsEnvironment Environment = new RecordsEnvironment(new RecordsOptions());

    [Fact]
    public async Task Evaluate_reports_success_by_difficulty_with_intervals()
    {
        var evaluator = Create((_, task) => task.Reference.Difficulty <= 2, out _);

        var report = await evaluator.EvaluateAsync(new PolicyVersion(3), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(new PolicyVersion(3), report.Version);
        Assert.Equal([1, 2, 3, 4], report.ByDifficulty.Keys);
        Assert.Equal([1.0, 1.0, 0.0, 0.0], report.ByDifficulty.Values.Select(level => level.Success));
        Assert.Equal((0.5, 80), (report.Overall.Success, report.Overall.Count));
        Assert.Equal(LevelSuccess.Of(40, 80), report.Overall);
        Assert.Equal(80, report.Episodes.Length);
        Assert.Equal(report.Episodes.Average(episode => episode.Completions.Length), report.MeanTurns);
        Assert.All(report.Episodes, episode => Assert.Equal(episode.Result.Rewards.Length, episode.Completions.Length));
    }

    [Fact]
    public async Task Evaluate_asks_the_same_held_out_tasks_with_the_same_failures_every_time()
    {
        var evaluator = Create((_, _) => true, out _);

        var before = await evaluator.EvaluateAsync(new PolicyVersion(0), TestContext.Current.CancellationToken).DefaultTimeout();
        var after = await evaluator.EvaluateAsync(new PolicyVersion(9), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(before.Episodes.Select(episode => episode.Result.ToolErrors), after.Episodes.Select(episode => episode.Result.ToolErrors));
        Assert.Equal(before.Episodes.Select(episode => episode.Result.Detail), after.Episodes.Select(episode => episode.Result.Detail));
        Assert.Contains(before.Episodes, episode => episode.Result.ToolErrors > 0);
        Assert.Empty(before.Episodes.Select(episode => episode.Id).Intersect(after.Episodes.Select(episode => episode.Id)));
        Assert.All(evaluator.Tasks(), task => Assert.Equal(TaskSplit.HeldOut, task.Reference.Split));
    }

    [Fact]
    public async Task Evaluate_is_greedy()
    {
        var evaluator = Create((_, _) => true, out var gateway);

        await evaluator.EvaluateAsync(new PolicyVersion(0), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.All(gateway.Requests, request => Assert.Equal(0, request.Sampling.Temperature));
    }

    [Fact]
    public async Task MeasurePassAtK_estimates_from_all_attempts()
    {
        var evaluator = Create((request, _) => request.Episode.Value.EndsWith("-0", StringComparison.Ordinal), out _);

        var report = await evaluator.MeasurePassAtKAsync(new SamplingParameters(), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal([1, 2, 4], report.ByDifficulty[1].Keys);
        Assert.All(report.ByDifficulty.Values, level => Assert.Equal([0.25, 0.5, 1.0], level.Values.Select(value => Math.Round(value, 12))));
    }

    private static Evaluator Create(Func<ChatRequest, EnvironmentTask, bool> solves, out SolverGateway gateway)
    {
        var options = new EvaluationOptions { TasksPerLevel = 20, Samples = 4, Concurrency = 8 };
        var collector = new EpisodeCollector();
        var limits = new EpisodeRunnerOptions(new AgentLimits { MaxTurns = 100, MaxTokens = 10_000 }, new RewardOptions());
        var tasks = new Evaluator(new EpisodeRunner(Environment, FakeChatGateway.Answering(), collector, limits, TimeProvider.System), collector, options).Tasks();
        gateway = new SolverGateway(Environment, tasks, collector, solves);
        return new Evaluator(new EpisodeRunner(Environment, gateway, collector, limits, TimeProvider.System), collector, options);
    }
}
