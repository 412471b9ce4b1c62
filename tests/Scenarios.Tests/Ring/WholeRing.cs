using Forge.AgentSide.Agents;
using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.AgentSide.Rewards;
using Forge.Cli.Composition;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.Gateway;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Rollout;
using Forge.TestKit;
using Forge.Trainer;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>Every real part of the ring in one process, with witnesses where the product has none; the pool stays on the disk.</summary>
internal sealed class WholeRing : IAsyncDisposable
{
    private readonly string _folder;
    private readonly RolloutEngine _engine;
    private readonly AnnouncedPolicySink _policy;
    private readonly DataPool.DataPool _pool;
    private readonly MiniMaxM2ForCausalLM _model;
    private readonly PolicyOptimizer _optimizer;
    private readonly EpisodeScheduler _scheduler;
    private readonly TrainLoop _loop;

    private WholeRing(string folder, PolicyFolder policy, IEnvironment environment, TrainerOptions options, DataPool.DataPool pool)
    {
        (_folder, _pool) = (folder, pool);
        _engine = RolloutHost.CreateEngine(new RolloutOptions { Slots = 32, MaxContext = 512, RecordRouting = true, Threads = 1 }, policy.Config, TimeProvider.System);
        Engine = new WatchedEngine(_engine);
        _policy = new AnnouncedPolicySink(Engine);
        _model = policy.LoadModel("cpu", "float32");
        _optimizer = new PolicyOptimizer(_model, options);
        var collector = new EpisodeCollector();
        TrainingGateway = Gateway(pool);
        _scheduler = new EpisodeScheduler(
            pool, Runner(TrainingGateway, pool), new TaskCurriculum(environment, new CurriculumOptions(), seed: 1),
            new EpisodeSchedulerOptions(EpisodesPerGroup: 8, Concurrency: 32, new SamplingParameters(), Seed: 1),
            TimeProvider.System);
        Store = new CheckpointStore(Path.Combine(folder, "checkpoints"), options.KeepLast, options.KeepBest);
        _loop = new TrainLoop(
            new TrainLoopParts
            {
                Model = _model,
                Optimizer = _optimizer,
                Source = pool,
                GroupsPerBatch = Pool.GroupsPerBatch,
                Policy = _policy,
                Evaluator = new Evaluator(Runner(Gateway(collector), collector), collector, new EvaluationOptions { TasksPerLevel = 8 }),
                Checkpoints = Store,
                Metrics = Metrics,
                TokenizerPath = policy.TokenizerPath,
            },
            options, new AlgorithmOptions { EpsilonHigh = 4 }, TimeProvider.System, NullLogger<TrainLoop>.Instance);

        ChatGateway Gateway(IEpisodeSink sink) => new(Engine, sink, policy.Tokenizer, policy.Format, new GatewayOptions { ContextLength = 512 });

        EpisodeRunner Runner(IChatGateway gateway, IEpisodeSink sink) => new(
            environment, gateway, sink, new EpisodeRunnerOptions(new AgentLimits { MaxTurns = 6, MaxNewTokens = 64 }, new RewardOptions()), TimeProvider.System);
    }

    public static DataPoolOptions Pool { get; } = new() { GroupsPerBatch = 4, InFlight = 8, MaxStaleness = 2 };

    public WatchedEngine Engine { get; }

    public ChatGateway TrainingGateway { get; }

    public RecordingMetrics Metrics { get; } = new();

    public CheckpointStore Store { get; }

    public string PoolPath => Path.Combine(_folder, "pool.db");

    public static async Task<WholeRing> OpenAsync(string folder, PolicyFolder policy, IEnvironment environment, TrainerOptions options)
        => new(folder, policy, environment, options, await DataPoolHost.OpenAsync(Path.Combine(folder, "pool.db"), Pool, TimeProvider.System, CancellationToken.None));

    /// <summary>Agents and trainer side by side until all steps are made.</summary>
    public async Task<TrainOutcome> RunAsync(CancellationToken cancellationToken)
    {
        using var agentsMayRun = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var training = Task.Run(() => _loop.RunAsync(resume: false, cancellationToken), CancellationToken.None);
        await Task.WhenAny(_policy.First, training);
        var agents = Task.Run(() => _scheduler.RunAsync(agentsMayRun.Token), CancellationToken.None);
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
        await _pool.DisposeAsync();
        _engine.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
    }
}
