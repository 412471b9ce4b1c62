namespace Forge.Core.Ring;

/// <summary>Names one process of the agent side; a restarted process gets a new name, so that it never inherits leases.</summary>
public readonly record struct WorkerId(string Value)
{
    /// <summary>The worker inside the pool's own process: it lives exactly as long as the pool, so its leases have no time limit.</summary>
    public static WorkerId Local { get; } = new("local");

    public bool IsLocal => this == Local;

    public override string ToString() => Value;
}
