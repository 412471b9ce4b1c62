using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Mcp;

/// <summary>One question of the file.</summary>
public sealed record McpTask : EnvironmentTask
{
    public required string Answer { get; init; }
}
