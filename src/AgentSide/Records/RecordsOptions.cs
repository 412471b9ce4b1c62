namespace Forge.AgentSide.Records;

/// <summary>Settings of the <c>records</c> environment.</summary>
public sealed class RecordsOptions
{
    /// <summary>Fraction of tool calls that fail and work when tried again, in [0, 1).</summary>
    public double FailureRate { get; init; } = 0.2;

    /// <summary>The hardest level: dependent look-ups of a question, 1 to 6.</summary>
    public int MaxHops { get; init; } = 4;
}
