// E edges, P response tokens of all samples

using System.Diagnostics;
using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Learning.Losses;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using Forge.Trainer.Algorithms;
using Forge.Trainer.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>One optimizer step: pack, forward, loss per trajectory, backward, micro-batch by micro-batch, then move the policy.</summary>
internal sealed class TrainStep(
    MiniMaxM2ForCausalLM model, PolicyOptimizer optimizer, AlgorithmOptions algorithm, TrainerOptions options)
{
    private readonly EpisodePacker _packer = new();
    private readonly SampleMaker _samples = new(model.Config, algorithm.RouterReplay);
    private readonly IPolicyLoss _loss = LossRecipe.CreateLoss(algorithm);
    private readonly bool _weighsEntropy = algorithm.EntropyWeight != 0;

    /// <summary>Trains on a batch and adds its figures.</summary>
    public void Run(TrainingBatch batch, PolicyVersion current, IDictionary<string, double> metrics)
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        var figures = new TokenFigures(current);
        var loads = new ExpertLoads(model.Layers.Count);
        var weights = TokenWeights.Of(batch.Completions, algorithm);
        var all = _samples.Make(batch.Completions);
        var rows = 0L;

        // Tokens are scored at the temperature at which they were drawn, so each temperature is packed by itself.
        foreach (var same in batch.Completions.Index().GroupBy(entry => Temperature(entry.Item.Completion)))
        {
            var scored = same.Select(entry => entry.Item).ToArray();
            var scales = same.Select(entry => weights[entry.Index]).ToArray();
            var samples = same.Select(entry => all[entry.Index]).ToArray();
            foreach (var packed in _packer.Pack(samples, options.MicroBatchTokens))
            {
                rows += packed.TokenCount;
                Backward(packed, new MicroBatch(packed, scored, scales), same.Key, figures, loads);
            }
        }

        metrics[MetricNames.LearningRate] = optimizer.LearningRate;
        metrics[MetricNames.GradientNorm] = optimizer.Step(loads.Tensors);
        figures.Write(metrics);
        loads.Write(metrics);
        metrics[MetricNames.TrainedTokensPerSecond] = rows / watch.Elapsed.TotalSeconds;
    }

    // Greedy completions record the log-probabilities of temperature 1.
    private static double Temperature(Completion completion) => completion.Sampling.Temperature > 0 ? completion.Sampling.Temperature : 1;

    private void Backward(PackedBatch packed, MicroBatch micro, double temperature, TokenFigures figures, ExpertLoads loads)
    {
        using var scope = NewDisposeScope();
        using var trace = new ForwardTrace(TraceContents.Load);
        var scores = BatchScorer.Score(model, packed, temperature, trace, _weighsEntropy);
        var edges_P = BatchScorer.Indices(packed.SampleEdges, model.Placement.Device);
        var logProb_P = scores.LogProb_M.index_select(0, edges_P);
        var entropy_P = scores.Entropy_M.index_select(0, edges_P);
        var outputs = _loss.Evaluate(new PolicyLossInput
        {
            LogProb_P = logProb_P,
            OldLogProb_P = Column(micro.Behavior, logProb_P),
            Advantage_P = Column(micro.Advantage, logProb_P),
            Weight_P = Column(micro.Weight, logProb_P),
            Sequence_P = BatchScorer.Indices(micro.Sequence, model.Placement.Device),
            Entropy_P = entropy_P,
        });
        outputs.Loss.backward();
        loads.Add(trace);
        figures.Add(
            micro,
            ToHost(logProb_P.detach()),
            ToHost(entropy_P.detach()),
            outputs.Clipped_P.sum().ToInt64(),
            outputs.Loss.ToDouble());
    }

    private static Tensor Column(double[] values, Tensor like) => tensor(values, dtype: like.dtype, device: like.device);

    private static double[] ToHost(Tensor values_P) => values_P.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
}
