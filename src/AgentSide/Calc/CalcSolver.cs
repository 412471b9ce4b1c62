using System.Collections.Immutable;
using System.Globalization;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Calc;

/// <summary>
/// Works an expression out from inside: thinks it as it stands, calculates all innermost operations in one turn (they don't depend on
/// each other, so they are parallel calls), puts the results in, and answers once a number is left.
/// </summary>
internal sealed class CalcSolver(CalcTask task) : IScriptedSolver
{
    private CalcExpression _left = task.Expression;
    private int _calls;

    public ChatMessage Next(ImmutableArray<ToolObservation> observations)
    {
        if (!observations.IsEmpty)
        {
            var values = observations.Select(result => result.IsError ? (int?)null : int.Parse(result.Text, CultureInfo.InvariantCulture));
            _left = _left.Substitute(new Queue<int?>(values));
        }

        var thinking = _left.ToString();
        return _left.IsNumber
            ? new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = thinking, Content = thinking }
            : new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = thinking, ToolCalls = [.. _left.Ready().Select(Call)] };
    }

    private ToolCall Call(CalcExpression operation)
        => new(FormattableString.Invariant($"call_{_calls++}"), CalcEnvironment.Tool, $$"""{"e": "{{operation}}"}""");
}
