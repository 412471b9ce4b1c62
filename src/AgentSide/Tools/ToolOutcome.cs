namespace Forge.AgentSide.Tools;

/// <summary>How a tool call went.</summary>
public enum ToolOutcome
{
    Ok,

    /// <summary>The agent's fault: counts in the process reward.</summary>
    InvalidCall,

    /// <summary>A well-formed call without a result (no such record).</summary>
    Failed,

    /// <summary>The world's fault; trying again may help.</summary>
    TransientFailure,
}
