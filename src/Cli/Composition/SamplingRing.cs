using Forge.AgentSide;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Gateway;
using Forge.Hosting.RunFiles;
using Forge.Learning.Checkpoints;
using Forge.Rollout;

namespace Forge.Cli.Composition;

/// <summary>
/// The half of the ring that answers: an environment, a gateway and the rollout engine over one policy. Evaluation and chat need no more;
/// training adds the pool and the trainer.
/// </summary>
internal sealed class SamplingRing : IDisposable
{
    private readonly RunFile _run;
    private readonly TimeProvider _time;

    public SamplingRing(RunFile run, PolicyFolder policy, TimeProvider time)
    {
        (_run, Policy, _time) = (run, policy, time);
        Environment = EnvironmentCatalog.Create(AgentSide.Environment);
        Engine = RolloutHost.CreateEngine(run.Section<RolloutOptions>(), policy.Config, time);
        Evaluator = new Evaluator(Runner(Gateway(Collector), Collector), Collector, AgentSide.Evaluation);
    }

    public AgentSideOptions AgentSide => _run.Section<AgentSideOptions>();

    public PolicyFolder Policy { get; }

    public IEnvironment Environment { get; }

    public RolloutEngine Engine { get; }

    /// <summary>Plays held-out tasks; its episodes never reach the pool.</summary>
    public Evaluator Evaluator { get; }

    private EpisodeCollector Collector { get; } = new();

    public ChatGateway Gateway(IEpisodeSink sink)
        => new ChatGateway(Engine, sink, Policy.Tokenizer, Policy.Format, _run.Section<GatewayOptions>());

    public EpisodeRunner Runner(IChatGateway gateway, IEpisodeSink sink)
        => new(Environment, gateway, sink, AgentSide.ForRunner(), _time);

    /// <summary>Lets the engine decode with the folder's weights as version 0.</summary>
    public async Task PublishFolderAsync(CancellationToken cancellationToken)
    {
        var options = _run.Section<ModelOptions>();
        using var model = Policy.LoadModel(options.Device, options.Dtype);
        await Engine.PublishAsync(PolicyWeightsCodec.ToPolicyWeights(model, PolicyVersion.Initial), cancellationToken);
    }

    public void Dispose() => Engine.Dispose();
}
