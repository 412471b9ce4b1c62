using Forge.AgentSide.Dispatch;
using Forge.Cli.Display;
using Forge.DataPool;
using Forge.Gateway;
using Forge.Gateway.Http;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Learning.Model;
using Forge.Trainer;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;

namespace Forge.Cli.Composition;

/// <summary>The whole ring in one process: builds it from a run file, runs it, and takes it apart in good order.</summary>
/// <remarks>
/// <code>
///   EpisodeScheduler ──▶ ChatGateway ──▶ RolloutEngine          agents: until training ends
///        ▲                    │                ▲
///        └──── DataPool ◀─────┘                │ weights
///                 └───────▶ TrainLoop ─────────┘                training: until done or stopped
/// </code>
/// </remarks>
internal sealed class TrainingSession : IAsyncDisposable
{
    private readonly RunFile _run;
    private readonly RunDirectory _directory;
    private readonly ITrainingDisplay _display;
    private readonly TimeProvider _time;
    private readonly SamplingRing _ring;
    private readonly DataPool.DataPool _pool;
    private readonly MiniMaxM2ForCausalLM _model;
    private readonly PolicyOptimizer _optimizer;
    private readonly TrainingRecord _record;
    private readonly AnnouncedPolicySink _policySink;
    private readonly ChatGateway _gateway;
    private HttpFront? _door;

    private TrainingSession(
        RunFile run, RunDirectory directory, ITrainingDisplay display, TimeProvider time, SamplingRing ring, DataPool.DataPool pool)
    {
        (_run, _directory, _display, _time, _ring, _pool) = (run, directory, display, time, ring, pool);
        var options = run.Section<ModelOptions>();
        _policySink = new AnnouncedPolicySink(ring.Engine);
        _gateway = ring.Gateway(pool);
        _model = ring.Policy.LoadModel(options.Device, options.Dtype);
        _optimizer = new PolicyOptimizer(_model, Trainer);
        _record = new TrainingRecord(directory, TrainingFactsOf.Run(run, directory.Path, ring.Policy), time);
    }

    private TrainerOptions Trainer => _run.Section<TrainerOptions>();

    public static async Task<TrainingSession> OpenAsync(
        RunFile run, PolicyFolder policy, RunDirectory directory, ITrainingDisplay display, TimeProvider time, CancellationToken cancellationToken)
    {
        CheckpointSpace.Require(run, directory, policy);
        var ring = new SamplingRing(run, policy, time);
        var pool = await DataPoolHost.OpenAsync(directory.Pool, run.Section<DataPoolOptions>(), time, cancellationToken);
        var session = new TrainingSession(run, directory, display, time, ring, pool);
        session._door = await AgentDoor.OpenAsync(run, directory.Path, session._gateway, time, cancellationToken);
        return session;
    }

    public Task<TrainingSummary> RunAsync(bool resume, CancellationToken stopping)
        => new LoopRunner(_run, _directory, _record, _display, _time).RunAsync(
            resume,
            (checkpoints, metrics) => new TrainLoopParts
            {
                Model = _model,
                Optimizer = _optimizer,
                Source = _pool,
                GroupsPerBatch = _run.Section<DataPoolOptions>().GroupsPerBatch,
                Policy = _policySink,
                Evaluator = new ObservedEvaluator(_ring.Evaluator, _display, _record.Evaluated),
                Checkpoints = checkpoints,
                Metrics = new CompositionMetrics(() => RingFigures.Of(_ring.Engine, _gateway, _time), Occupancy, _time, metrics),
                TokenizerPath = _ring.Policy.TokenizerPath,
            },
            loop => RunTogetherAsync(loop, resume, stopping));

    public async ValueTask DisposeAsync()
    {
        if (_door is not null)
        {
            await _door.DisposeAsync();
        }

        _ring.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
        await _pool.DisposeAsync();
    }

    /// <summary>Agents run for as long as the trainer does; when they break, the trainer stops and their fault is thrown.</summary>
    private async Task<TrainOutcome> RunTogetherAsync(TrainLoop loop, bool resume, CancellationToken stopping)
    {
        var seed = _run.Section<RunOptions>().Seed;
        var curriculum = new TaskCurriculum(_ring.Environment, _ring.AgentSide.Curriculum, seed);
        var scheduler = new EpisodeScheduler(_pool, _ring.Runner(_gateway, _pool), curriculum, _ring.AgentSide.ForScheduler(seed), _time);
        using var agentsMayRun = new CancellationTokenSource();
        using var trainerMayRun = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var training = Task.Run(() => loop.RunAsync(resume, trainerMayRun.Token), CancellationToken.None);
        var agents = RunAgentsAsync(scheduler, training, agentsMayRun.Token);
        try
        {
            if (await Task.WhenAny(training, agents) == agents)
            {
                await trainerMayRun.CancelAsync();
            }

            return await training;
        }
        finally
        {
            await agentsMayRun.CancelAsync();
            await agents;
        }
    }

    private async Task RunAgentsAsync(EpisodeScheduler scheduler, Task training, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(_policySink.First, training) == training)
        {
            return;
        }

        await Task.Run(() => scheduler.RunAsync(cancellationToken), CancellationToken.None);
    }

    private double Occupancy() => (double)_pool.Status.FinishedInWindow / _run.Section<DataPoolOptions>().ResolvedWindow;
}
