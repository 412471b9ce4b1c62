using Forge.AgentSide;
using Forge.AgentSide.Environments;
using Forge.DataPool;
using Forge.Gateway;
using Forge.Hosting.Injection;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;
using Forge.Hosting.Tracing;
using Forge.Rollout;
using Forge.Trainer;
using Forge.Trainer.Supervised;

namespace Forge.Cli.Composition;

/// <summary>The sections of Forge's run files, and the rules that hold between them.</summary>
internal static class ForgeRunSchema
{
    public static RunSchema Create() => new RunSchema()
        .Section<RunOptions>("run")
        .Section<ModelOptions>("model")
        .Section<AgentSideOptions>("agent_side")
        .Section<GatewayOptions>("gateway")
        .Section<RolloutOptions>("rollout")
        .Section<DataPoolOptions>("data_pool")
        .Section<AlgorithmOptions>("algorithm")
        .Section<TrainerOptions>("trainer")
        .Section<SftOptions>("sft")
        .Section<ServicesOptions>("services")
        .Section<SecurityOptions>("security")
        .Section<FaultOptions>("faults")
        .Section<TelemetryOptions>("telemetry")
        .Rule(Environment)
        .Rule(Pool)
        .Rule(Context)
        .Rule(Routing);

    private static IEnumerable<(string, string)> Environment(RunFile run)
        => EnvironmentCatalog.Problems(run.Section<AgentSideOptions>().Environment)
            .Select(found => ($"agent_side.environment.{found.Key}", found.Problem));

    // Each of the pool's own sentences starts with the key that it is about.
    private static IEnumerable<(string, string)> Pool(RunFile run)
        => run.Section<DataPoolOptions>().Problems().Select(problem => ($"data_pool.{problem.Split(' ')[0]}", problem));

    private static IEnumerable<(string, string)> Context(RunFile run)
    {
        var (gateway, rollout) = (run.Section<GatewayOptions>().ContextLength, run.Section<RolloutOptions>().MaxContext);
        if (gateway > rollout)
        {
            yield return ("gateway.context_length", $"{gateway} is more than rollout.max_context ({rollout}): the engine could not hold such a prompt");
        }
    }

    private static IEnumerable<(string, string)> Routing(RunFile run)
    {
        if (run.Section<AlgorithmOptions>().RouterReplay && !run.Section<RolloutOptions>().RecordRouting)
        {
            yield return ("algorithm.router_replay", "replays the experts that the rollout chose, but rollout.record_routing is false; set it to true");
        }
    }
}
