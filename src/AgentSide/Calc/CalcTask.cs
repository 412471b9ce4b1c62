using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Calc;

/// <summary>One expression to work out.</summary>
public sealed record CalcTask : EnvironmentTask
{
    public required CalcExpression Expression { get; init; }
}
