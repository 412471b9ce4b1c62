using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Puzzles;

/// <summary>Turns the moves of a puzzle's scripted player into an assistant's messages, and repeats a call that failed in passing.</summary>
internal sealed class PuzzlePlayer : IScriptedSolver
{
    private readonly Puzzle _puzzle;
    private readonly PuzzleResults _results = new();
    private readonly IEnumerator<PuzzleMove> _moves;
    private int _calls;

    public PuzzlePlayer(Puzzle puzzle, Func<Puzzle, PuzzleResults, IEnumerable<PuzzleMove>> play)
    {
        _puzzle = puzzle;
        _moves = play(puzzle, _results).GetEnumerator();
    }

    public ChatMessage Next(ImmutableArray<ToolObservation> observations)
    {
        if (!observations.Any(result => result.Outcome == ToolOutcome.TransientFailure))
        {
            foreach (var result in observations)
            {
                _results.Add(result.Text);
            }

            if (!_moves.MoveNext())
            {
                throw new InvalidOperationException($"The player of '{_puzzle.Question}' stops without an answer; its last move is PuzzleMove.Answer.");
            }
        }

        return Message(_moves.Current);
    }

    private ChatMessage Message(PuzzleMove move) => move.Tool.Length == 0
        ? new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = move.Thinking, Content = move.Text }
        : new ChatMessage
        {
            Role = ChatRole.Assistant,
            ReasoningContent = move.Thinking,
            ToolCalls = [new ToolCall(FormattableString.Invariant($"call_{_calls++}"), move.Tool, move.Text)],
        };
}
