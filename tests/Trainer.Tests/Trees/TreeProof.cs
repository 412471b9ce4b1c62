// E experts, P response tokens of all samples

using Forge.Core.Packing;
using Forge.Learning.Losses;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using Forge.Trainer.Steps;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Trees;

/// <summary>
/// Compares one backward pass over merged samples with the same loss over every sample computed alone: gradients of all parameters,
/// log-probabilities, entropies and expert loads.
/// </summary>
internal sealed class TreeProof : IDisposable
{
    private readonly MiniMaxM2ForCausalLM _model;
    private readonly IReadOnlyList<TrainingSample> _samples;
    private readonly IPolicyLoss _loss;
    private readonly (double[] Old, double[] Advantage, double[] Weight)[] _recorded;
    private readonly Dictionary<string, double[]> _gradients;
    private readonly double[] _scores;
    private readonly double[] _loads;

    /// <param name="model">A float64 model.</param>
    /// <param name="samples">What is trained on.</param>
    /// <param name="loss">The loss, over all samples at once.</param>
    /// <param name="seed">Draws what the rollout would have recorded: it differs between samples that share tokens.</param>
    public TreeProof(MiniMaxM2ForCausalLM model, IReadOnlyList<TrainingSample> samples, IPolicyLoss loss, int seed = 1)
    {
        (_model, _samples, _loss) = (model, samples, loss);
        var random = new Random(seed);
        _recorded = [.. samples.Select(sample => (
            Draw(random, sample, -4.5, -2), Enumerable.Repeat((random.NextDouble() * 4) - 2, sample.ResponseIds.Length).ToArray(),
            Enumerable.Repeat(0.05 + random.NextDouble(), sample.ResponseIds.Length).ToArray()))];
        (_gradients, _scores, _loads) = Separately();
    }

    /// <summary>Largest |merged − separate| over all parameters, each relative to its largest separate gradient.</summary>
    /// <param name="batches">The merged samples.</param>
    /// <returns>The worst parameter's error, and its name.</returns>
    public (double Error, string Parameter) GradientError(IReadOnlyList<PackedBatch> batches) => Compare(Run(batches).Gradients);

    /// <summary>Largest difference of a log-probability or entropy, absolute.</summary>
    public double ScoreError(IReadOnlyList<PackedBatch> batches) => MaxDifference(Run(batches).Scores, _scores);

    /// <summary>Largest difference of an expert load, in rows.</summary>
    public double LoadError(IReadOnlyList<PackedBatch> batches) => MaxDifference(Run(batches).Loads, _loads);

    public void Dispose() => _model.Dispose();

    private (double Error, string Parameter) Compare(Dictionary<string, double[]> gradients)
    {
        var worst = (Error: 0.0, Parameter: "");
        foreach (var (name, expected) in _gradients)
        {
            var scale = expected.Max(Math.Abs);
            var error = MaxDifference(gradients[name], expected) / (scale > 0 ? scale : 1);
            if (!(error <= worst.Error))
            {
                worst = (error, name);
            }
        }

        return worst;
    }

    // Every sample alone in its own forward pass; the loss sees them side by side, as every loss is defined.
    private (Dictionary<string, double[]> Gradients, double[] Scores, double[] Loads) Separately()
    {
        using var scope = NewDisposeScope();
        _model.zero_grad();
        var loads = new ExpertLoads(_model.Layers.Count);
        var scores = new List<(Tensor LogProb, Tensor Entropy)>();
        foreach (var sample in _samples)
        {
            int[] ids = [.. sample.PromptIds, .. sample.ResponseIds[..^1]];
            using var trace = new ForwardTrace(TraceContents.Load);
            var hidden_ND = _model.Forward(
                new ModelInput(Long(ids), arange(ids.Length, dtype: ScalarType.Int64), new PackedSequences([0, ids.Length])), trace);
            loads.Add(trace);
            var rows = Enumerable.Range(sample.PromptIds.Length - 1, sample.ResponseIds.Length);
            var one = _model.ScoreEdges(hidden_ND, Long(rows), Long(sample.ResponseIds), entropyGradient: true);
            scores.Add((one.LogProb_M, one.Entropy_M));
        }

        var logProb_P = cat([.. scores.Select(one => one.LogProb)], 0);
        var entropy_P = cat([.. scores.Select(one => one.Entropy)], 0);
        Evaluate(logProb_P, entropy_P, [.. Enumerable.Range(0, _samples.Count)]).backward();
        return (Gradients(), [.. Values(logProb_P), .. Values(entropy_P)], Loads(loads));
    }

    private (Dictionary<string, double[]> Gradients, double[] Scores, double[] Loads) Run(IReadOnlyList<PackedBatch> batches)
    {
        using var scope = NewDisposeScope();
        _model.zero_grad();
        var loads = new ExpertLoads(_model.Layers.Count);
        var (logProbs, entropies) = (new double[_samples.Count][], new double[_samples.Count][]);
        foreach (var batch in batches)
        {
            using var trace = new ForwardTrace(TraceContents.Load);
            var scores = BatchScorer.Score(_model, batch, 1, trace, entropyGradient: true);
            loads.Add(trace);
            var edges_P = IndexTensor.Of(batch.SampleEdges, CPU);
            var logProb_P = scores.LogProb_M.index_select(0, edges_P);
            var entropy_P = scores.Entropy_M.index_select(0, edges_P);
            Evaluate(logProb_P, entropy_P, batch.SampleIndices).backward();
            var (logProb, entropy) = (Values(logProb_P), Values(entropy_P));
            for (var index = 0; index < batch.SampleIndices.Length; index++)
            {
                var range = batch.SampleStarts[index]..batch.SampleStarts[index + 1];
                (logProbs[batch.SampleIndices[index]], entropies[batch.SampleIndices[index]]) = (logProb[range], entropy[range]);
            }
        }

        return (Gradients(), [.. logProbs.SelectMany(part => part), .. entropies.SelectMany(part => part)], Loads(loads));
    }

    private Tensor Evaluate(Tensor logProb_P, Tensor entropy_P, IReadOnlyList<int> samples) => _loss.Evaluate(new PolicyLossInput
    {
        LogProb_P = logProb_P,
        OldLogProb_P = tensor(samples.SelectMany(sample => _recorded[sample].Old).ToArray()),
        Advantage_P = tensor(samples.SelectMany(sample => _recorded[sample].Advantage).ToArray()),
        Weight_P = tensor(samples.SelectMany(sample => _recorded[sample].Weight).ToArray()),
        Entropy_P = entropy_P,
        Sequence_P = Long(samples.Index().SelectMany(entry => _recorded[entry.Item].Old.Select(_ => entry.Index))),
    }).Loss;

    private Dictionary<string, double[]> Gradients()
        => _model.named_parameters().ToDictionary(
            named => named.Item1, named => named.Item2.grad is { } gradient ? Values(gradient) : new double[named.Item2.numel()]);

    private static double[] Loads(ExpertLoads loads) => [.. loads.Tensors.SelectMany(Values)];

    private static double[] Draw(Random random, TrainingSample sample, double low, double high)
        => [.. sample.ResponseIds.Select(_ => low + (random.NextDouble() * (high - low)))];

    private static Tensor Long(IEnumerable<int> values) => tensor(values.Select(value => (long)value).ToArray());

    private static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().contiguous().view(-1).data<double>().ToArray();
    }

    private static double MaxDifference(double[] actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        return actual.Zip(expected, (left, right) => Math.Abs(left - right)).DefaultIfEmpty(0).Max();
    }
}
