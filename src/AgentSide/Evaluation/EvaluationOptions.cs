using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.Evaluation;

/// <summary>Which held-out tasks measure a policy.</summary>
public sealed class EvaluationOptions
{
    /// <summary>Tasks of every level; the same ones at each evaluation.</summary>
    [Range(1, 1_000_000)]
    public int TasksPerLevel { get; init; } = 100;

    /// <summary>Chooses the tasks and what is random in their tools; independent of the run's seed, so that runs compare.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Episodes that run side by side.</summary>
    [Range(1, 100_000)]
    public int Concurrency { get; init; } = 64;

    /// <summary>Attempts per task when pass@k is asked for.</summary>
    [Range(1, 1000)]
    public int Samples { get; init; } = 8;
}
