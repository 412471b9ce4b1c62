using Forge.AgentSide.Tools;

namespace Forge.AgentSide.Environments;

/// <summary>The environment of one episode. Calls are made in order; one instance is used by one episode at a time.</summary>
public interface IEnvironmentInstance : IDisposable
{
    /// <summary>
    /// Brings the world into its first state; called once, before the first turn. What it gives is shown below the question; most worlds
    /// have nothing to add.
    /// </summary>
    /// <param name="cancellationToken">The episode's deadline.</param>
    ValueTask<string> BeginAsync(CancellationToken cancellationToken) => new("");

    /// <summary>
    /// Runs one tool call. What the agent did wrong (an unknown tool, bad arguments, no such record) and what the world did wrong
    /// (a transient failure) is an observation with <see cref="ToolObservation.IsError"/>; an exception means that the environment broke.
    /// </summary>
    /// <param name="name">The tool's name, as the model wrote it.</param>
    /// <param name="argumentsJson">A JSON object, as the model wrote it.</param>
    /// <param name="cancellationToken">The episode's deadline.</param>
    Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken);

    /// <summary>Verifies the final answer; the same answer always gets the same score.</summary>
    EnvironmentScore Score(string finalAnswer);
}
