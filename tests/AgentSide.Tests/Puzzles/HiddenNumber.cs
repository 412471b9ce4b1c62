using Forge.AgentSide.Environments;
using Forge.AgentSide.Puzzles;
using Forge.AgentSide.Tools;

namespace Forge.AgentSide.Tests.Puzzles;

/// <summary>A number between 1 and 100 × level; a tool compares.</summary>
public class HiddenNumber : PuzzleEnvironment
{
    public override string Name => "hidden_number";

    public override string SystemPrompt => "Find the number.";

    protected override int HardestLevel => 2;

    [Tool("Compares a number with the hidden one.")]
    public static string Try(Hidden box, int number) => number < box.Number ? "too low" : number > box.Number ? "too high" : "found";

    [Tool("Says it again.")]
    public string SayAgain(string text, bool loudly = false, double times = 1) => FormattableString.Invariant($"{Name}: {text} {loudly} {times}");

    [Tool("Finds nothing.")]
    public static ToolObservation Search(string where) => ToolObservation.Failed($"nothing {where}");

    protected override Puzzle Draw(int level, ref SeededRandom random)
        => new Hidden(FormattableString.Invariant($"box {random.Next(1_000_000)}, 1 to {100 * level}?"), 100 * level, 1 + random.Next(100 * level));

    protected override IEnumerable<PuzzleMove> Play(Puzzle puzzle, PuzzleResults results)
    {
        var (low, high) = (1, ((Hidden)puzzle).Highest);
        while (true)
        {
            var middle = (low + high) / 2;
            yield return PuzzleMove.Call("try", new { number = middle });
            if (results.Last == "found")
            {
                yield return PuzzleMove.Answer(FormattableString.Invariant($"{middle}"));
                yield break;
            }

            (low, high) = results.Last == "too low" ? (middle + 1, high) : (low, middle - 1);
        }
    }

    public sealed record Hidden(string Question, int Highest, int Number) : Puzzle(Question, FormattableString.Invariant($"{Number}"));
}
