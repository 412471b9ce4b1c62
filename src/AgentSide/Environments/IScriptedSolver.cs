using System.Collections.Immutable;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Environments;

/// <summary>Plays one task by rule, as an assistant would: the source of demonstrations and the proof that tasks are solvable.</summary>
public interface IScriptedSolver
{
    /// <summary>Gives the assistant's next message.</summary>
    /// <param name="observations">The results of the previous message's calls, in their order; empty at the first turn.</param>
    ChatMessage Next(ImmutableArray<ToolObservation> observations);
}
