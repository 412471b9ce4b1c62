using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.TestKit;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Tests.Loop;

/// <summary>A trainer between fakes: groups in, policies out, real checkpoints in a folder that outlives it.</summary>
internal sealed class LoopHarness : IDisposable
{
    public const int GroupsPerBatch = 2;

    private readonly MiniMaxM2ForCausalLM _model = TinyPolicy.Create(TorchSharp.torch.ScalarType.Float32);
    private readonly PolicyOptimizer _optimizer;
    private readonly TrainLoop _loop;

    /// <param name="folder">Where checkpoints lie.</param>
    /// <param name="groups">What the pool offers.</param>
    /// <param name="options">The run.</param>
    /// <param name="evaluator">Null solves half of all tasks at every version.</param>
    public LoopHarness(string folder, IEnumerable<Group> groups, TrainerOptions options, IPolicyEvaluator? evaluator = null)
    {
        _optimizer = new PolicyOptimizer(_model, options);
        Source = new RecordedBatchSource(groups) { Heard = Journal.Add };
        Policy = new RecordingPolicySink { Heard = Journal.Add };
        Store = new CheckpointStore(folder, options.KeepLast, options.KeepBest);
        _loop = new TrainLoop(
            new TrainLoopParts
            {
                Model = _model,
                Optimizer = _optimizer,
                Source = Source,
                GroupsPerBatch = GroupsPerBatch,
                Policy = Policy,
                Evaluator = evaluator ?? new ScriptedEvaluator(_ => 50),
                Checkpoints = Store,
                Metrics = Metrics,
            },
            options, new AlgorithmOptions(), Clock, Log);
        _loop.Stepped += progress => Stepped(progress);
    }

    public RecordedBatchSource Source { get; }

    public RecordingPolicySink Policy { get; }

    public CheckpointStore Store { get; }

    public RecordingMetrics Metrics { get; } = new();

    public RecordingLogger<TrainLoop> Log { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    /// <summary>What pool and engine heard, in order.</summary>
    public List<string> Journal { get; } = [];

    public Action<TrainProgress> Stepped { get; set; } = _ => { };

    public CancellationTokenSource Stopping { get; } = new();

    /// <summary>Every weight, as bytes.</summary>
    public byte[] Weights
        => [.. PolicyWeightsCodec.ToPolicyWeights(_model, PolicyVersion.Initial).Tensors.SelectMany(tensor => tensor.Data.ToArray())];

    public static IEnumerable<Group> Groups(int count) => Enumerable.Range(0, count).Select(id => TrainingData.Mixed(id));

    public Task<TrainOutcome> RunAsync(bool resume = false) => _loop.RunAsync(resume, Stopping.Token).DefaultTimeout();

    public void Dispose()
    {
        Stopping.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
    }
}
