namespace Forge.AgentSide.Calc;

/// <summary>Settings of the <c>calc</c> environment.</summary>
public sealed class CalcOptions
{
    /// <summary>Fraction of tool calls that fail and work when tried again, in [0, 1).</summary>
    public double FailureRate { get; init; }

    /// <summary>The hardest level, from 1 to 6; level n has n + 1 operators.</summary>
    public int MaxLevel { get; init; } = 4;
}
