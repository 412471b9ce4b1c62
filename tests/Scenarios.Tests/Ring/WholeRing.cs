using Forge.AgentSide.Environments;
using Forge.Cli.Composition;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Gateway;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Scenarios.Tests.Fabrics;
using Forge.TestKit;
using Forge.Trainer;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>Every real part of the ring in this process, connected by either fabric, with witnesses where the product has none; pool and checkpoints stay on the disk.</summary>
internal sealed class WholeRing : IAsyncDisposable
{
    private readonly RingSettings _settings;
    private readonly IRingFabric _fabric;
    private readonly AnnouncedPolicySink _policy;
    private readonly MiniMaxM2ForCausalLM _model;
    private readonly PolicyOptimizer _optimizer;
    private readonly TrainLoop _loop;
    private bool _isClosed;

    private WholeRing(RingSettings settings, TrainerOptions options, IRingFabric fabric)
    {
        (_settings, _fabric) = (settings, fabric);
        _policy = new AnnouncedPolicySink(Engine);
        _model = settings.Policy.LoadModel("cpu", "float32");
        _optimizer = new PolicyOptimizer(_model, options);
        Store = new CheckpointStore(Path.Combine(settings.Folder, "checkpoints"), options.KeepLast, options.KeepBest);
        _loop = new TrainLoop(
            new TrainLoopParts
            {
                Model = _model,
                Optimizer = _optimizer,
                Source = fabric.Source,
                GroupsPerBatch = RingSettings.Pool.GroupsPerBatch,
                Policy = _policy,
                Evaluator = fabric.Evaluator,
                Checkpoints = Store,
                Metrics = Metrics,
                TokenizerPath = settings.Policy.TokenizerPath,
            },
            options, new AlgorithmOptions { EpsilonHigh = 4 }, TimeProvider.System, NullLogger<TrainLoop>.Instance);
    }

    public WatchedEngine Engine => _fabric.Engine;

    public ChatGateway TrainingGateway => _fabric.TrainingGateway;

    public IPolicyEvaluator Evaluator => _fabric.Evaluator;

    public RecordingMetrics Metrics { get; } = new();

    public CheckpointStore Store { get; }

    public string PoolPath => _settings.PoolPath;

    public static async Task<WholeRing> OpenAsync(
        string folder, PolicyFolder policy, IEnvironment environment, TrainerOptions options, Fabric fabric = Fabric.InProcess)
    {
        var settings = new RingSettings(folder, policy, environment);
        return new(settings, options, await IRingFabric.OpenAsync(fabric, settings, CancellationToken.None));
    }

    /// <summary>Gives the engine the starting policy, without training.</summary>
    public Task PublishStartAsync(CancellationToken cancellationToken)
        => _policy.PublishAsync(PolicyWeightsCodec.ToPolicyWeights(_model, PolicyVersion.Initial), cancellationToken);

    /// <summary>Agents and trainer side by side until all steps are made.</summary>
    public Task<TrainOutcome> RunAsync(CancellationToken cancellationToken) => RunAsync(resume: false, stopAfter: long.MaxValue, cancellationToken);

    /// <summary>Agents and trainer side by side until all steps are made, or an orderly stop is asked for after one of them.</summary>
    public async Task<TrainOutcome> RunAsync(bool resume, long stopAfter, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var agentsMayRun = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _loop.Stepped += progress =>
        {
            if (progress.Step >= stopAfter)
            {
                stop.Cancel();
            }
        };
        var training = Task.Run(() => _loop.RunAsync(resume, stop.Token), CancellationToken.None);
        await Task.WhenAny(_policy.First, training);
        var agents = Task.Run(() => _fabric.Scheduler.RunAsync(agentsMayRun.Token), CancellationToken.None);
        await Task.WhenAny(training, agents);
        await agentsMayRun.CancelAsync();
        await agents;
        return await training;
    }

    /// <summary>Compares, version by version, what the engine computed with what the trainer computes with the published weights.</summary>
    public MismatchReport Mismatch()
    {
        var probe = new MismatchProbe(_model, microBatchTokens: 1024);
        var report = new MismatchReport();
        foreach (var weights in Engine.Published)
        {
            PolicyWeightsCodec.FromPolicyWeights(_model, weights);
            probe.Measure(Engine.Witnessed.Values.Select(pair => pair.Completion).Where(completion => completion.OldestKvVersion == weights.Version), report);
        }

        return report;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        await _fabric.DisposeAsync();
        _optimizer.Dispose();
        _model.Dispose();
    }
}
