using System.Globalization;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;

namespace Forge.AgentSide.Calc;

/// <summary>One episode's calculator.</summary>
internal sealed class CalcInstance(CalcTask task, TransientFaults faults) : IEnvironmentInstance
{
    public Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Call(name, argumentsJson, faults.NextFails()));
    }

    public EnvironmentScore Score(string finalAnswer)
        => finalAnswer.Trim() == task.Expression.Value.ToString(CultureInfo.InvariantCulture)
            ? EnvironmentScore.Solved
            : EnvironmentScore.Unsolved;

    public void Dispose()
    {
    }

    private static ToolObservation Call(string name, string argumentsJson, bool fails)
    {
        if (name != CalcEnvironment.Tool)
        {
            return ToolObservation.Invalid("no such tool");
        }

        if (!ToolArguments.TryRead(argumentsJson, ["e"], out var values, out var problem))
        {
            return problem!;
        }

        if (values[0].Length > CalcEnvironment.MaxExpressionLength)
        {
            return ToolObservation.Invalid("too long");
        }

        if (Calculator.Evaluate(values[0]) is not { } value)
        {
            return ToolObservation.Invalid("no expression");
        }

        return fails ? ToolObservation.Transient("busy") : ToolObservation.Ok(value.ToString(CultureInfo.InvariantCulture));
    }
}
