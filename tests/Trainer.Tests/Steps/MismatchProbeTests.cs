// N rows, C choices

using Forge.Core.Ring;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using Forge.Trainer.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Steps;

public sealed class MismatchProbeTests : IDisposable
{
    private readonly MiniMaxM2ForCausalLM _model = TinyPolicy.Create();

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.6)]
    [InlineData(0.0)]
    public void Measure_finds_nothing_where_the_rollout_computed_the_same(double temperature)
    {
        var report = Probe().Measure(Honest(temperature));

        Assert.True(report.Tokens > 5);
        Assert.True(report.Mean < 1e-6, $"{report.Mean}");
        Assert.Equal(0, report.RouteDisagreement);
    }

    [Fact]
    public void Measure_finds_the_token_that_differs()
    {
        var completions = Honest(1);
        completions[1] = completions[1] with { PolicyLogProbs = completions[1].PolicyLogProbs.SetItem(0, completions[1].PolicyLogProbs[0] + 0.25f) };

        var report = Probe().Measure(completions);

        Assert.Equal(0.25, report.Max, 1e-5);
        Assert.Equal(0.25, report.Quantile(1), 1e-5);
        Assert.Equal(0.25 / report.Tokens, report.Mean, 1e-5);
        Assert.True(report.Quantile(0.5) < 1e-6);
    }

    [Fact]
    public void Measure_counts_other_experts_and_keeps_their_tokens_out_of_the_maximum()
    {
        var completions = Honest(1);
        var first = completions[0];
        completions[0] = first with
        {
            PolicyLogProbs = first.PolicyLogProbs.SetItem(0, first.PolicyLogProbs[0] + 0.25f),
            RoutedExperts = first.RoutedExperts.SetItem(0, (byte)(first.RoutedExperts[0] + 100)),
        };

        var report = Probe().Measure(completions);

        Assert.Equal(1.0 / report.Tokens, report.RouteDisagreement, 1e-12);
        Assert.True(report.Max < 1e-6);
    }

    [Fact]
    public void Measure_leaves_out_completions_over_several_versions()
    {
        var completion = Honest(1)[0] with { OldestKvVersion = new PolicyVersion(-1) };

        Assert.Equal(0, Probe().Measure([completion]).Tokens);
    }

    public void Dispose() => _model.Dispose();

    private MismatchProbe Probe() => new(_model, microBatchTokens: 12);

    /// <summary>Completions of two episodes, scored one by one.</summary>
    private Completion[] Honest(double temperature)
        => [.. TrainingData.Mixed(3).Episodes.SelectMany(episode => episode.Completions).Select(completion => Rescored(completion, temperature))];

    private Completion Rescored(Completion completion, double temperature)
    {
        using var scope = NewDisposeScope();
        using var trace = new ForwardTrace(TraceContents.Choices);
        int[] ids = [.. completion.PromptIds, .. completion.ResponseIds[..^1]];
        var input = new ModelInput(
            tensor(ids.Select(id => (long)id).ToArray()), arange(ids.Length, dtype: ScalarType.Int64), new PackedSequences([0, ids.Length]));
        var logProb_NV = nn.functional.log_softmax(_model.Logits(_model.Forward(input, trace)).div(temperature > 0 ? temperature : 1), -1);
        var first = completion.PromptIds.Length - 1;
        return completion with
        {
            Sampling = new SamplingParameters { Temperature = temperature },
            PolicyLogProbs = [.. completion.ResponseIds.Select((id, token) => (float)logProb_NV[first + token, id].ToDouble())],
            RoutedExperts =
            [
                .. completion.ResponseIds.SelectMany((_, token) => trace.Layers.SelectMany(
                    layer => layer.Choices_NC![first + token].data<long>().ToArray()).Select(expert => (byte)expert)),
            ],
        };
    }
}
