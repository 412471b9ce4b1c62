// R rows, L layers, C choices per row

using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>
/// Scores completions again with the weights that generated them: what is left is the difference between the rollout engine's
/// arithmetic and the trainer's, and how often the two chose other experts.
/// </summary>
/// <param name="model">The policy.</param>
/// <param name="microBatchTokens">Most rows in one pass.</param>
/// <param name="merge">What the completions share is computed once.</param>
public sealed class MismatchProbe(MiniMaxM2ForCausalLM model, int microBatchTokens, MergeMode merge = MergeMode.Tree)
{
    private readonly ISamplePacker _packer = SamplePackers.For(merge);

    /// <summary>Measures completions whose whole KV has one version, the one that the model is at.</summary>
    public MismatchReport Measure(IEnumerable<Completion> completions)
    {
        var report = new MismatchReport();
        Measure(completions, report);
        return report;
    }

    /// <summary>Adds to a report, so that one can span several versions.</summary>
    public void Measure(IEnumerable<Completion> completions, MismatchReport report)
    {
        var usable = completions
            .Where(completion => !completion.ResponseIds.IsEmpty && completion.TokenVersions.All(version => version == completion.OldestKvVersion.Value))
            .ToArray();
        foreach (var same in usable.GroupBy(completion => completion.Sampling.Temperature > 0 ? completion.Sampling.Temperature : 1))
        {
            var group = same.ToArray();
            var chains = group.Select(completion => completion.Episode).Distinct().Index().ToDictionary(entry => entry.Item, entry => entry.Index);
            var samples = group.Select(completion => new TrainingSample(chains[completion.Episode], completion.PromptIds, completion.ResponseIds)).ToArray();
            foreach (var packed in _packer.Pack(samples, microBatchTokens))
            {
                Compare(packed, group, same.Key, report);
            }
        }
    }

    /// <summary>Measures and adds the figures to a step's.</summary>
    public void Write(IDictionary<string, double> metrics, IEnumerable<Completion> completions)
    {
        var report = Measure(completions);
        if (report.Tokens == 0)
        {
            return;
        }

        metrics[MetricNames.MismatchMean] = report.Mean;
        metrics[MetricNames.MismatchMax] = report.Max;
        metrics["mismatch/logprob_abs_diff_p999"] = report.Quantile(0.999);
        metrics[MetricNames.RouteDisagreement] = report.RouteDisagreement;
    }

    private void Compare(PackedBatch packed, Completion[] completions, double temperature, MismatchReport report)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var trace = new ForwardTrace(TraceContents.Choices);
        var scores = BatchScorer.Score(model, packed, temperature, trace);
        var logProbs = scores.LogProb_M.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
        var choices_RLC = stack(trace.Layers.Select(layer => layer.Choices_NC!), 1).cpu();
        var choices = choices_RLC.contiguous().data<long>().ToArray();
        var perRow = choices.Length / packed.TokenCount;

        for (var index = 0; index < packed.SampleIndices.Length; index++)
        {
            var completion = completions[packed.SampleIndices[index]];
            for (var token = 0; token < completion.ResponseIds.Length; token++)
            {
                var edge = packed.SampleEdges[packed.SampleStarts[index] + token];
                var row = packed.EdgeRows[edge];
                var agrees = Agrees(completion, token, choices.AsSpan(row * perRow, perRow));
                report.Add(Math.Abs(logProbs[edge] - completion.PolicyLogProbs[token]), agrees);
            }
        }
    }

    // Null: the rollout did not record its routing.
    private static bool? Agrees(Completion completion, int token, ReadOnlySpan<long> choices)
    {
        if (completion.RoutedExperts.IsDefaultOrEmpty)
        {
            return null;
        }

        var recorded = completion.RoutedExperts.AsSpan(token * choices.Length, choices.Length);
        for (var place = 0; place < choices.Length; place++)
        {
            if (recorded[place] != choices[place])
            {
                return false;
            }
        }

        return true;
    }
}
