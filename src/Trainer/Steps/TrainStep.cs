// E edges, P response tokens of all samples

using System.Diagnostics;
using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Learning.Losses;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using Forge.Trainer.Algorithms;
using Forge.Trainer.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>One optimizer step: pack, forward, loss per trajectory, backward, micro-batch by micro-batch, then move the policy.</summary>
internal sealed class TrainStep(
    MiniMaxM2ForCausalLM model, PolicyOptimizer optimizer, AlgorithmOptions algorithm, TrainerOptions options)
{
    // Enough to meet every kind of branch, few enough to cost a few per cent of a step.
    private const int ProbedCompletions = 32;

    private readonly ISamplePacker _packer = SamplePackers.For(options.Merge);
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
        var tree = new TreeMetrics(model.Config);
        var probe = IsProbed(current)
            ? new ExactnessProbe(model, options.MicroBatchTokens, Math.Max(1, batch.Completions.Length / ProbedCompletions))
            : null;
        foreach (var group in SampleGroup.Of(batch.Completions, _samples.Make(batch.Completions), TokenWeights.Of(batch.Completions, algorithm)))
        {
            var packs = _packer.Pack(group.Samples, options.MicroBatchTokens);
            foreach (var packed in packs)
            {
                var logProbs = Backward(packed, new MicroBatch(packed, group.Completions, group.Weights), group.Temperature, figures, loads);
                probe?.Note(packed, logProbs);
            }

            tree.Add(group, packs);
            probe?.Compare(group);
        }

        metrics[MetricNames.LearningRate] = optimizer.LearningRate;
        metrics[MetricNames.GradientNorm] = optimizer.Step(loads.Tensors);
        figures.Write(metrics);
        loads.Write(metrics);
        tree.Write(metrics);
        probe?.Write(metrics);
        metrics[MetricNames.TrainedTokensPerSecond] = tree.Rows / watch.Elapsed.TotalSeconds;
    }

    private bool IsProbed(PolicyVersion current)
        => options.Merge != MergeMode.None && options.ExactnessEvery > 0 && current.Next.Value % options.ExactnessEvery == 0;

    private double[] Backward(PackedBatch packed, MicroBatch micro, double temperature, TokenFigures figures, ExpertLoads loads)
    {
        using var scope = NewDisposeScope();
        using var trace = new ForwardTrace(TraceContents.Load);
        var scores = BatchScorer.Score(model, packed, temperature, trace, _weighsEntropy, options.CheckpointActivations);
        var edges_P = IndexTensor.Of(packed.SampleEdges, model.Placement.Device);
        var logProb_P = scores.LogProb_M.index_select(0, edges_P);
        var entropy_P = scores.Entropy_M.index_select(0, edges_P);
        var outputs = _loss.Evaluate(new PolicyLossInput
        {
            LogProb_P = logProb_P,
            OldLogProb_P = Column(micro.Behavior, logProb_P),
            Advantage_P = Column(micro.Advantage, logProb_P),
            Weight_P = Column(micro.Weight, logProb_P),
            Sequence_P = IndexTensor.Of(micro.Sequence, model.Placement.Device),
            Entropy_P = entropy_P,
        });
        outputs.Loss.backward();
        loads.Add(trace);
        var logProbs = ToHost(logProb_P.detach());
        figures.Add(micro, logProbs, ToHost(entropy_P.detach()), outputs.Clipped_P.sum().ToInt64(), outputs.Loss.ToDouble());
        return logProbs;
    }

    private static Tensor Column(double[] values, Tensor like) => tensor(values, dtype: like.dtype, device: like.device);

    private static double[] ToHost(Tensor values_P) => values_P.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
}
