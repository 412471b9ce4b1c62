using Forge.AgentSide.Agents;
using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Evaluation;
using Forge.Core.Ports;
using Forge.DataPool;
using Forge.Gateway;
using Forge.Rollout;
using Forge.Scenarios.Tests.Ring;

namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>Composes the ring as one process does.</summary>
internal sealed class InProcessFabric : IRingFabric
{
    private readonly DataPool.DataPool _pool;
    private readonly RolloutEngine _engine;

    private InProcessFabric(RingSettings settings, DataPool.DataPool pool)
    {
        _pool = pool;
        _engine = RolloutHost.CreateEngine(RingSettings.Rollout, settings.Policy.Config, TimeProvider.System);
        Engine = new WatchedEngine(_engine, _engine);
        TrainingGateway = Gateway(pool);
        var collector = new EpisodeCollector();
        Evaluator = new Evaluator(Runner(Gateway(collector), collector), collector, RingSettings.AgentSide.Evaluation);
        Scheduler = new EpisodeScheduler(
            pool, Runner(TrainingGateway, pool), new TaskCurriculum(settings.Environment, RingSettings.AgentSide.Curriculum, RingSettings.Seed),
            RingSettings.AgentSide.ForScheduler(RingSettings.Seed), TimeProvider.System);

        ChatGateway Gateway(IEpisodeSink sink) => new(Engine, sink, settings.Policy.Tokenizer, settings.Policy.Format, RingSettings.Gateway);

        EpisodeRunner Runner(IChatGateway gateway, IEpisodeSink sink)
            => new(settings.Environment, gateway, sink, RingSettings.AgentSide.ForRunner(), TimeProvider.System);
    }

    public IBatchSource Source => _pool;

    public WatchedEngine Engine { get; }

    public IPolicyEvaluator Evaluator { get; }

    public EpisodeScheduler Scheduler { get; }

    public ChatGateway TrainingGateway { get; }

    public static async Task<InProcessFabric> OpenAsync(RingSettings settings, CancellationToken cancellationToken)
        => new(settings, await DataPoolHost.OpenAsync(settings.PoolPath, RingSettings.Pool, TimeProvider.System, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _engine.Dispose();
    }
}
