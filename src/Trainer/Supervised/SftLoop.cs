// E edges, P response tokens

using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Core.Ports;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using Forge.Trainer.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Supervised;

/// <summary>Trains a policy to imitate: mean negative log-likelihood of the demonstrator's tokens.</summary>
public sealed class SftLoop(
    MiniMaxM2ForCausalLM model, PolicyOptimizer optimizer, TrainerOptions options, IMetricsSink metrics, TimeProvider clock)
{
    private readonly EpisodePacker _packer = new();

    /// <summary>Raised after every step with its number and loss.</summary>
    public event Action<long, double>? Stepped;

    /// <summary>Trains for the configured steps, or until stopped or out of time; what was learned until then stays in the model.</summary>
    /// <param name="nextBatch">Gives the demonstrated completions of one step; those of an episode stand together in turn order.</param>
    /// <param name="stopping">Ends the training after the step under way.</param>
    public SftOutcome Run(Func<IReadOnlyList<TrainingSample>> nextBatch, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        var losses = new List<double>();
        long samples = 0, rows = 0, trained = 0;
        while (losses.Count < options.Steps && !stopping.IsCancellationRequested
            && (options.TimeLimit is not { } limit || clock.GetElapsedTime(started) < limit))
        {
            var stepStarted = clock.GetTimestamp();
            var batch = nextBatch();
            var figures = new Dictionary<string, double>();
            KernelThreads.Use(options.Threads);
            var (loss, stepRows) = Step(batch, figures);
            losses.Add(loss);
            samples += batch.Count;
            rows += stepRows;
            trained += batch.Sum(sample => (long)sample.ResponseIds.Length);
            figures["loss/nll"] = loss;
            figures[MetricNames.StepTime] = clock.GetElapsedTime(stepStarted).TotalSeconds;
            figures[MetricNames.TrainedTokensPerSecond] = stepRows / figures[MetricNames.StepTime];
            metrics.Write(losses.Count, figures);
            Stepped?.Invoke(losses.Count, loss);
        }

        var tail = losses.TakeLast(Math.Max(1, losses.Count / 10)).DefaultIfEmpty(0).Average();
        return new SftOutcome(losses.Count, samples, rows, trained, tail, clock.GetElapsedTime(started));
    }

    private (double Loss, long Rows) Step(IReadOnlyList<TrainingSample> batch, Dictionary<string, double> figures)
    {
        using var scope = NewDisposeScope();
        var loads = new ExpertLoads(model.Layers.Count);
        var weight = 1.0 / batch.Sum(sample => (double)sample.ResponseIds.Length);
        var rows = 0L;
        var total = 0.0;
        foreach (var packed in _packer.Pack(batch, options.MicroBatchTokens))
        {
            using var inner = NewDisposeScope();
            using var trace = new ForwardTrace(TraceContents.Load);
            var scores = BatchScorer.Score(model, packed, 1, trace, checkpointLayers: options.CheckpointActivations);
            var loss = scores.LogProb_M.index_select(0, IndexTensor.Of(packed.SampleEdges, model.Placement.Device)).sum().mul(-weight);
            loss.backward();
            loads.Add(trace);
            total += loss.ToDouble();
            rows += packed.TokenCount;
        }

        figures[MetricNames.LearningRate] = optimizer.LearningRate;
        figures[MetricNames.GradientNorm] = optimizer.Step(loads.Tensors);
        loads.Write(figures);
        return (total, rows);
    }
}
