using System.ComponentModel.DataAnnotations;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Demonstrations;
using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.AgentSide.Rewards;
using Forge.Core.Ring;

namespace Forge.AgentSide;

/// <summary>Settings of the agent side: the <c>agent_side</c> section of a run file.</summary>
public sealed class AgentSideOptions
{
    public EnvironmentOptions Environment { get; init; } = new();

    /// <summary>Episodes sampled for one task: the sample of the group's baseline.</summary>
    [Range(1, 1024)]
    public int EpisodesPerGroup { get; init; } = 8;

    /// <summary>Episodes that run side by side.</summary>
    [Range(1, 100_000)]
    public int Concurrency { get; init; } = 64;

    /// <summary>Softmax temperature of training episodes, above 0.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Temperature { get; init; } = 1.0;

    /// <summary>Keeps the most likely tokens up to this total probability; 1 keeps all.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1.0;

    /// <summary>Keeps this many most likely tokens; 0 keeps all.</summary>
    [Range(0, int.MaxValue)]
    public int TopK { get; init; }

    public AgentLimits Limits { get; init; } = new();

    public RewardOptions Rewards { get; init; } = new();

    public CurriculumOptions Curriculum { get; init; } = new();

    public EvaluationOptions Evaluation { get; init; } = new();

    public DemonstrationOptions Demonstrations { get; init; } = new();

    /// <summary>What <see cref="EpisodeRunner"/> takes of these settings.</summary>
    public EpisodeRunnerOptions ForRunner() => new(Limits, Rewards);

    /// <summary>What <see cref="EpisodeScheduler"/> takes of these settings.</summary>
    /// <param name="seed">The run's seed.</param>
    public EpisodeSchedulerOptions ForScheduler(ulong seed)
        => new(EpisodesPerGroup, Concurrency, new SamplingParameters { Temperature = Temperature, TopP = TopP, TopK = TopK }, seed);
}
