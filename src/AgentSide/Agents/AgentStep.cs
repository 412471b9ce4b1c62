namespace Forge.AgentSide.Agents;

/// <summary>What one completion did, for the process reward.</summary>
/// <param name="Malformed">It held a broken tool call, ended before it was complete, or said nothing.</param>
/// <param name="ToolCalls">Well-formed calls.</param>
/// <param name="InvalidCalls">Calls of unknown tools or with bad arguments.</param>
/// <param name="ToolErrors">Calls that gave an error, transient failures included.</param>
public readonly record struct AgentStep(bool Malformed, int ToolCalls, int InvalidCalls, int ToolErrors);
