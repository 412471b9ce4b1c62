using Forge.Core.Ring;

namespace Forge.AgentSide.Environments;

/// <summary>One task; its environment derives a record with what its verifier and tools need.</summary>
public abstract record EnvironmentTask
{
    public required TaskReference Reference { get; init; }

    /// <summary>What the user asks.</summary>
    public required string Question { get; init; }

    /// <summary>Tells this task from every other of its environment: train and held-out tasks have no key in common.</summary>
    public virtual string Key => Question;

    /// <summary>Completions that a faultless player needs when no tool fails; the base of the speed reward, at least 1.</summary>
    public required int BaselineTurns { get; init; }
}
