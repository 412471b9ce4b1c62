using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;

namespace Forge.AgentSide.Puzzles;

/// <summary>One episode of a puzzle.</summary>
internal sealed class PuzzleInstance(PuzzleEnvironment environment, Puzzle puzzle, object state, TransientFaults faults) : IEnvironmentInstance
{
    public Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(faults.NextFails() ? ToolObservation.Transient("busy") : environment.Call(state, name, argumentsJson));
    }

    public EnvironmentScore Score(string finalAnswer) => environment.Judge(puzzle, finalAnswer) ? EnvironmentScore.Solved : EnvironmentScore.Unsolved;

    public void Dispose() => (state as IDisposable)?.Dispose();
}
