using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Trainer.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Bench;

/// <summary>A policy with random weights and its optimizer, on which whole training steps are timed.</summary>
internal sealed class BenchPolicy : IDisposable
{
    // So small that thousands of steps leave the weights as they are.
    private const double LearningRate = 1e-9;

    private readonly PolicyOptimizer _optimizer;
    private readonly int _microBatchTokens;
    private readonly bool _checkpointActivations;
    private readonly TimeProvider _time;

    public BenchPolicy(M2Config shape, ModelPlacement placement, int microBatchTokens, bool checkpointActivations, TimeProvider time)
    {
        (_microBatchTokens, _checkpointActivations, _time) = (microBatchTokens, checkpointActivations, time);
        Model = new MiniMaxM2ForCausalLM(shape, placement);
        Fill(Model);
        _optimizer = new PolicyOptimizer(Model, new TrainerOptions { LearningRate = LearningRate, WarmupSteps = 0, FinalLearningRate = 1 });
    }

    public MiniMaxM2ForCausalLM Model { get; }

    /// <summary>Seconds of one whole step: pack, forward, loss, backward, optimizer.</summary>
    /// <exception cref="InvalidOperationException">The gradient is not finite, so that the optimizer passed the step over.</exception>
    public double Step(StepSamples samples, MergeMode merge)
    {
        var batch = samples.ToBatch(Model.Config.VocabSize);
        var metrics = new Dictionary<string, double>();
        var step = new TrainStep(Model, _optimizer, new AlgorithmOptions(), new TrainerOptions
        {
            Merge = merge,
            MicroBatchTokens = _microBatchTokens,
            CheckpointActivations = _checkpointActivations,
            ExactnessEvery = 0,
        });
        Synchronize();
        var start = _time.GetTimestamp();
        step.Run(batch, PolicyVersion.Initial, metrics);
        Synchronize();
        var seconds = _time.GetElapsedTime(start).TotalSeconds;
        return double.IsFinite(metrics[MetricNames.GradientNorm])
            ? seconds
            : throw new InvalidOperationException($"The gradient of tree '{samples.Name}' is not finite: its step measures nothing.");
    }

    public void Synchronize()
    {
        if (Model.Placement.Device.type == DeviceType.CUDA)
        {
            cuda.synchronize(Model.Placement.Device);
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Model.Dispose();
    }

    // On the device itself: a billion weights drawn one by one on the host would take a minute.
    private static void Fill(MiniMaxM2ForCausalLM model)
    {
        using var frozen = no_grad();
        manual_seed(1);
        foreach (var (_, parameter) in model.named_parameters().Where(named => named.parameter.dim() > 1))
        {
            parameter.normal_(0, model.Config.InitializerRange);
        }
    }
}
