using Forge.AgentSide.Tools;

namespace Forge.AgentSide.BlackBox.Desk;

/// <summary>One call of an environment's tool by a program.</summary>
/// <param name="Name">The tool.</param>
/// <param name="ArgumentsJson">As the program sent them.</param>
/// <param name="Observation">What it got.</param>
internal sealed record ToolUse(string Name, string ArgumentsJson, ToolObservation Observation);
