namespace Forge.AgentSide.Environments;

/// <summary>A verifier's judgement.</summary>
/// <param name="Value">The outcome reward, in [0, 1].</param>
/// <param name="Success">Whether the task counts as solved.</param>
public readonly record struct EnvironmentScore(double Value, bool Success)
{
    public static EnvironmentScore Solved { get; } = new(1, true);

    public static EnvironmentScore Unsolved { get; }
}
