using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Puzzles;

/// <summary>One puzzle as a task.</summary>
public sealed record PuzzleTask : EnvironmentTask
{
    public required Puzzle Puzzle { get; init; }
}
