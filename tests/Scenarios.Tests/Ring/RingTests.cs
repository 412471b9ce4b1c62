using System.Reflection;
using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Core.Tracing;
using Forge.DataPool.Stores;
using Forge.Scenarios.Tests.Fabrics;
using Forge.Trainer.Loop;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>What must hold between the parts when all of them run together.</summary>
/// <remarks>Alone, because other rings in the process would trace the same episode ids.</remarks>
public abstract class RingTests(RingRun run, ITestOutputHelper output)
{
    [Fact]
    public void The_run_makes_its_steps_and_publishes_each_version_once()
    {
        Assert.Equal((TrainEnd.Finished, (long)RingRun.Steps), (run.Outcome.Ended, run.Outcome.Steps));
        Assert.Equal(Enumerable.Range(0, RingRun.Steps + 1).Select(version => (long)version), run.Engine.Published.Select(weights => weights.Version.Value));
        Assert.True(run.Outcome.TrainedTokens > 1000);
    }

    [Fact]
    public void One_trace_runs_from_every_call_to_the_optimizer_step()
    {
        var traces = run.Spans.ToLookup(span => span.TraceId);
        var steps = run.Spans.Where(span => span.OperationName == "rl.step").ToArray();

        foreach (var (group, episode) in run.Trained.SelectMany(group => group.Episodes.Select(episode => (group, episode))))
        {
            var context = RingTrace.ContextOf(episode.Id);
            var trace = traces[context.TraceId].ToArray();
            var chats = trace.Where(span => span.OperationName == "chat").Select(span => (string?)span.GetTagItem("gen_ai.response.id")).ToArray();
            var train = Assert.Single(trace, span => span.OperationName == "rl.train");
            var step = Assert.Single(steps, step => train.Links.Any(link => link.Context.SpanId == step.SpanId));

            Assert.All(episode.Completions, completion => Assert.Contains(completion.Id.ToString(), chats));
            Assert.Contains(trace, span => span.OperationName == "rl.episode" && Equals(span.GetTagItem("rl.episode.id"), episode.Id.Value));
            Assert.Equal(group.Id.Value, train.GetTagItem("rl.group.id"));
            Assert.Equal(train.GetTagItem("rl.step"), step.GetTagItem("rl.step"));
            Assert.Contains(step.Links, link => link.Context.TraceId == context.TraceId);
        }
    }

    [Fact]
    public void No_group_is_consumed_twice_and_each_step_trains_its_number_of_groups()
    {
        var trained = run.Consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained).ToArray();

        Assert.Equal(run.Consumptions.Count, run.Consumptions.Select(consumption => consumption.Group).Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, RingRun.Steps).Select(step => ((long)step, RingSettings.Pool.GroupsPerBatch)),
            trained.GroupBy(consumption => consumption.Step.Value).Select(step => (step.Key, step.Count())));
    }

    [Fact]
    public void Every_trained_completion_is_in_the_pool_exactly_as_the_engine_generated_it()
    {
        Assert.NotEmpty(run.TrainedCompletions);
        foreach (var completion in run.TrainedCompletions)
        {
            var (request, generated) = run.Engine.Witnessed[completion.Id];
            Assert.Equal(request.PromptIds, completion.PromptIds);
            Assert.Equal(generated.ResponseIds, completion.ResponseIds);
            Assert.Equal(generated.PolicyLogProbs, completion.PolicyLogProbs);
            Assert.Equal(generated.BehaviorLogProbs, completion.BehaviorLogProbs);
            Assert.Equal(generated.TokenVersions, completion.TokenVersions);
            Assert.Equal(generated.RoutedExperts, completion.RoutedExperts);
            Assert.Equal(generated.OldestKvVersion, completion.OldestKvVersion);
        }
    }

    [Fact]
    public void Every_turn_continues_the_tokens_of_the_turn_before_it()
    {
        var turns = run.Trained.SelectMany(group => group.Episodes)
            .SelectMany(episode => episode.Completions.Zip(episode.Completions.Skip(1))).ToArray();

        Assert.True(turns.Length > 50);
        foreach (var (before, after) in turns)
        {
            int[] seen = [.. before.PromptIds, .. before.ResponseIds];
            Assert.True(
                seen.SequenceEqual(after.PromptIds.Take(seen.Length)),
                $"{after.Id} does not continue {before.Id}: token {seen.Zip(after.PromptIds).TakeWhile(pair => pair.First == pair.Second).Count()} differs.");
        }

        Assert.Equal(0, run.Gateway.ForkedTokens + run.Gateway.RetokenisedTokens + run.Gateway.Branches);
    }

    [Fact]
    public void No_group_is_trained_staler_than_the_bound()
    {
        var lags = run.Consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained)
            .Zip(run.Trained, (consumption, group) => consumption.Step.Value - 1 - group.DispatchedAt.Value).ToArray();

        Assert.InRange(lags.Max(), 0, RingSettings.Pool.MaxStaleness);
        Assert.All(run.TrainedCompletions, completion => Assert.Equal(completion.TokenVersions.Order(), completion.TokenVersions));
    }

    [Fact]
    public void Rollout_and_trainer_agree_on_tokens_of_a_single_version()
    {
        var report = run.Mismatch;
        output.WriteLine(
            FormattableString.Invariant($"{report.Tokens} tokens: mean {report.Mean:E1}, p99.9 {report.Quantile(0.999):E1}, max {report.Max:E1}; ")
            + FormattableString.Invariant($"other experts chosen for {report.RouteDisagreement:P3}"));

        Assert.True(report.Tokens > 3000);
        Assert.True(report.Quantile(0.999) <= 1e-5, $"The 99.9th percentile is {report.Quantile(0.999)}.");
        Assert.True(report.Max <= 1e-3, $"The maximum is {report.Max}.");
        Assert.True(report.RouteDisagreement <= 1e-3, $"Other experts were chosen for {report.RouteDisagreement} of the tokens.");
    }

    [Fact]
    public void Every_step_has_its_documented_figures()
    {
        string[] ofTheRun =
        [
            MetricNames.WindowOccupancy, MetricNames.GeneratedTokensPerSecond, MetricNames.PrefixHitRate, MetricNames.RolloutIdle, MetricNames.RunningRequests,
            MetricNames.WaitingRequests, MetricNames.SplicedTokens, MetricNames.EncodedTokens, MetricNames.ForkedTokens, MetricNames.RetokenisedTokens,
            MetricNames.Branches, MetricNames.Overflows, MetricNames.SideCalls,
        ];
        string[] notEveryStep = [MetricNames.EvaluationTime, MetricNames.RouteDisagreement, MetricNames.MismatchMean, MetricNames.MismatchMax];
        var expected = typeof(MetricNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!)
            .Except(ofTheRun).Except(notEveryStep).ToArray();

        foreach (var (step, values) in run.Metrics.Written.Where(line => line.Step > 0))
        {
            Assert.Empty(expected.Except(values.Keys));
            Assert.All(expected, name => Assert.True(double.IsFinite(values[name]), $"{name} is {values[name]} in step {step}."));
        }

        var last = run.Metrics.Written[^1].Values;
        Assert.Empty(notEveryStep.Append("eval/success").Append("mismatch/logprob_abs_diff_p999").Except(last.Keys));
    }

    [Fact]
    public void Trained_groups_had_something_to_teach()
        => Assert.All(run.Trained, group => Assert.True(
            group.Episodes.Count(episode => episode.Result.Status is EpisodeStatus.Completed or EpisodeStatus.LimitReached or EpisodeStatus.AgentFailure) >= 2));
}
