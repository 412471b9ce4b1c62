using Forge.Contracts.Tests.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.Contracts.Tests.Evaluators;

/// <summary>What every way to the agent side's evaluations promises to the trainer, over <see cref="AgentSide"/>.</summary>
public abstract class PolicyEvaluatorConformance : IAsyncLifetime
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    internal ScriptedEvaluation AgentSide { get; } = new();

    protected IPolicyEvaluator Evaluator { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Evaluator = await OpenAsync().DefaultTimeout();

    public abstract ValueTask DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_report_comes_back_as_it_was_made(int seed)
    {
        var report = new WireSamples(seed).Report();
        AgentSide.Answer = (_, _, _) => Task.FromResult(report);

        Assert.Equal(RecordText.Of(report), RecordText.Of(await EvaluateAsync(4).DefaultTimeout()));
        Assert.Equal([4], AgentSide.Played);
    }

    [Fact]
    public async Task A_report_of_hundreds_of_long_episodes_arrives_whole_and_in_order()
    {
        var samples = new WireSamples(seed: 1);
        var report = samples.Report() with { Episodes = [.. Enumerable.Range(0, 300).Select(index => Long(samples, index))] };
        AgentSide.Answer = (_, _, _) => Task.FromResult(report);

        var there = await EvaluateAsync(1).DefaultTimeout();

        Assert.Equal(report.Episodes.Select(RecordText.Of), there.Episodes.Select(RecordText.Of));
    }

    [Fact]
    public async Task An_evaluation_that_takes_long_is_played_once_and_waited_for()
    {
        var end = new TaskCompletionSource<EvaluationReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        AgentSide.Answer = (_, _, _) => end.Task;
        var asking = EvaluateAsync(9);

        // Several times as long as one call over a wire may wait here.
        await Task.WhenAny(asking, Task.Delay(TimeSpan.FromMilliseconds(700), _test));
        Assert.False(asking.IsCompleted);
        end.SetResult(new WireSamples(seed: 2).Report());

        await asking.DefaultTimeout();
        Assert.Equal([9], AgentSide.Played);
    }

    [Fact]
    public async Task Evaluations_one_after_the_other_are_each_played_also_of_the_same_version()
    {
        AgentSide.Answer = (_, number, _) => Task.FromResult(new WireSamples(number).Report());

        foreach (var (version, number) in ((long, int)[])[(1, 1), (1, 2), (2, 3)])
        {
            Assert.Equal(RecordText.Of(new WireSamples(number).Report()), RecordText.Of(await EvaluateAsync(version).DefaultTimeout()));
        }

        Assert.Equal([1, 1, 2], AgentSide.Played);
    }

    [Theory]
    [MemberData(nameof(Faults.Final), MemberType = typeof(Faults))]
    public async Task A_fault_keeps_its_type_and_its_text(string name)
    {
        AgentSide.Answer = (_, _, _) => throw Faults.All[name];

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => EvaluateAsync(1).DefaultTimeout());

        Faults.AssertSame(Faults.All[name], fault);
    }

    [Fact]
    public async Task A_trainer_that_gives_up_is_let_go_and_its_evaluation_ends_at_the_latest_when_another_is_asked_for()
    {
        var (arrived, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        AgentSide.Answer = async (_, number, stop) =>
        {
            if (number > 1)
            {
                return new WireSamples(seed: 1).Report();
            }

            await using var registration = stop.Register(cancelled.SetResult);
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            throw new InvalidOperationException("unreachable");
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_test);

        var given = Evaluator.EvaluateAsync(new PolicyVersion(1), patience.Token);
        await arrived.Task.DefaultTimeout();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.DefaultTimeout());
        await EvaluateAsync(2).DefaultTimeout();

        await cancelled.Task.DefaultTimeout();
        Assert.Equal([1, 2], AgentSide.Played);
    }

    /// <summary>Opens the way to <see cref="AgentSide"/>.</summary>
    protected abstract Task<IPolicyEvaluator> OpenAsync();

    protected Task<EvaluationReport> EvaluateAsync(long version) => Evaluator.EvaluateAsync(new PolicyVersion(version), _test);

    private static Episode Long(WireSamples samples, int index)
    {
        var completion = samples.Completion(tokens: 1000);
        return new Episode(new EpisodeId($"eval-{index}"), new GroupId(index), 0, [completion], new EpisodeResult
        {
            Episode = new EpisodeId($"eval-{index}"),
            Status = EpisodeStatus.Completed,
            EndCause = "final_answer",
            Success = index % 2 == 0,
            Rewards = [new StepReward(0, 0, 1)],
            ToolCalls = index,
            ToolErrors = 0,
            Elapsed = TimeSpan.FromTicks(index),
        });
    }
}
