namespace Forge.AgentSide.Agents;

/// <summary>Who plays the episodes.</summary>
public enum AgentKind
{
    /// <summary>Forge's own loop: asks, calls the environment's tools, asks again (<see cref="ToolAgent"/>).</summary>
    Tool,

    /// <summary>A program of the environment's author, which calls the gateway over HTTP (docs/harnesses.md).</summary>
    Program,
}
