using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Records;

/// <summary>
/// Plays a question step by step: thinks what is left ("city of boss of Ann"), looks up its innermost step, repeats the turn when the
/// tool fails, and answers once only a name is left.
/// </summary>
internal sealed class RecordsSolver(RecordsTask task) : IScriptedSolver
{
    private int _done;
    private int _turns;
    private string _current = task.Start;

    public ChatMessage Next(ImmutableArray<ToolObservation> observations)
    {
        if (observations is [{ IsError: false } result])
        {
            // A list names the oldest first, and the question asks for the oldest.
            _current = result.Text.Split(' ')[0];
            _done++;
        }

        var left = task.Path[_done..];
        var thinking = RecordsEnvironment.Chain(left, _current);
        return left.IsEmpty
            ? new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = thinking, Content = _current }
            : new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = thinking, ToolCalls = [Call(left[0])] };
    }

    private ToolCall Call(Relation relation)
    {
        var id = FormattableString.Invariant($"call_{_turns++}");
        return relation == Relation.Eldest
            ? new ToolCall(id, RecordsEnvironment.ListTool, $$"""{"of": "{{_current}}"}""")
            : new ToolCall(id, RecordsEnvironment.LookupTool, $$"""{"field": "{{relation.Word}}", "of": "{{_current}}"}""");
    }
}
