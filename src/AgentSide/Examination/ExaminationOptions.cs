namespace Forge.AgentSide.Examination;

/// <summary>How much of an environment is looked at.</summary>
public sealed record ExaminationOptions
{
    /// <summary>Fewer can't tell a leak from a coincidence.</summary>
    public const int FewestTasks = 20;

    /// <summary>Tasks of each level and each split.</summary>
    public int Tasks { get; init; } = 100;

    /// <summary>Chooses the tasks.</summary>
    public ulong Seed { get; init; } = 1;
}
