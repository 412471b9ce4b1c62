using Forge.AgentSide;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.Cli.Composition;
using Forge.DataPool;
using Forge.Gateway;
using Forge.Rollout;

namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>What a small ring is made of, whichever way its parts are connected.</summary>
/// <param name="Folder">Keeps the pool, and the socket files.</param>
/// <param name="Policy">The starting policy.</param>
/// <param name="Environment">What is played.</param>
internal sealed record RingSettings(string Folder, PolicyFolder Policy, IEnvironment Environment)
{
    public const ulong Seed = 1;

    /// <summary>A pool that is opened again waits for the leases of workers that may still live: here not for long.</summary>
    public static DataPoolOptions Pool { get; } = new() { GroupsPerBatch = 4, InFlight = 8, MaxStaleness = 2, LeaseDuration = TimeSpan.FromSeconds(4) };

    public static RolloutOptions Rollout { get; } = new() { Slots = 32, MaxContext = 512, RecordRouting = true, Threads = 1 };

    public static GatewayOptions Gateway { get; } = new() { ContextLength = 512 };

    public static AgentSideOptions AgentSide { get; } = new()
    {
        EpisodesPerGroup = 8,
        Concurrency = 32,
        Limits = new AgentLimits { MaxTurns = 6, MaxNewTokens = 64 },
        Evaluation = new EvaluationOptions { TasksPerLevel = 8 },
    };

    public string PoolPath => Path.Combine(Folder, "pool.db");
}
