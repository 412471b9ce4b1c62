// P response tokens of the sampled completions

using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Learning.Model;
using Forge.Trainer.Batches;
using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>
/// Checks what merging changed: scores some of a step's completions again, each in a sequence of its own and with the weights that the step
/// began with, and compares their log-probabilities with those that the step was trained on.
/// </summary>
/// <param name="model">The policy, before the optimizer moves it.</param>
/// <param name="microBatchTokens">Most rows in one pass.</param>
/// <param name="stride">Every how many-th completion is taken.</param>
internal sealed class ExactnessProbe(MiniMaxM2ForCausalLM model, int microBatchTokens, int stride)
{
    private readonly CompletionPacker _separate = new();
    private readonly Dictionary<int, double[]> _merged = [];
    private double _worst;

    /// <summary>Remembers a merged pass.</summary>
    /// <param name="packed">Where the samples of a group went.</param>
    /// <param name="logProbs">[P] What the step computed, aligned to the batch's sample edges.</param>
    public void Note(PackedBatch packed, ReadOnlySpan<double> logProbs)
    {
        for (var index = 0; index < packed.SampleIndices.Length; index++)
        {
            if (packed.SampleIndices[index] % stride == 0)
            {
                _merged[packed.SampleIndices[index]] = logProbs[packed.SampleStarts[index]..packed.SampleStarts[index + 1]].ToArray();
            }
        }
    }

    /// <summary>Compares what was noted of a group, and forgets it.</summary>
    public void Compare(SampleGroup group)
    {
        var chosen = _merged.Keys.Order().ToArray();
        foreach (var packed in _separate.Pack([.. chosen.Select(sample => group.Samples[sample])], microBatchTokens))
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            var scores = BatchScorer.Score(model, packed, group.Temperature, trace: null);
            var logProbs = scores.LogProb_M.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
            for (var index = 0; index < packed.SampleIndices.Length; index++)
            {
                var edges = packed.SampleEdges.AsSpan()[packed.SampleStarts[index]..packed.SampleStarts[index + 1]];
                var merged = _merged[chosen[packed.SampleIndices[index]]];
                for (var token = 0; token < edges.Length; token++)
                {
                    _worst = Math.Max(_worst, Math.Abs(logProbs[edges[token]] - merged[token]));
                }
            }
        }

        _merged.Clear();
    }

    public void Write(IDictionary<string, double> metrics) => metrics[MetricNames.TreeExactness] = _worst;
}
