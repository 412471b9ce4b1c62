using System.Collections.Immutable;
using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Examination.Checks;

/// <summary>
/// The answer is not to be read before it was asked for: in the prompt, in what tools say to bad calls, in results before the player's last
/// calls. What is coincidence is measured: how often another task's answer stands there.
/// </summary>
internal static class LeakCheck
{
    private const string Name = "leaks";

    // A difference of two counts beyond three standard deviations.
    private const double Deviations = 3;

    private const string Remedy = "Take it out of there, or let the question need more than what is shown.";

    /// <param name="environment">Its texts belong to every prompt.</param>
    /// <param name="plays">Of one level.</param>
    /// <param name="saidToBadCalls">Aligned to the plays; empty when bad calls were not answered.</param>
    public static ExaminationFinding Run(IEnvironment environment, ImmutableArray<ScriptedPlay> plays, ImmutableArray<string> saidToBadCalls)
    {
        var shared = $"{environment.SystemPrompt}\n{string.Join('\n', environment.Tools.Select(tool => $"{tool.Name} {tool.Description} {tool.ParametersJson}"))}";
        (string Where, Func<int, string> Text)[] places =
        [
            ("the prompt", index => $"{shared}\n{plays[index].Task.Question}\n{plays[index].Opening}"),
            ("what tools say to bad calls", index => saidToBadCalls.IsEmpty ? "" : saidToBadCalls[index]),
            ("results before the last calls", index => EarlyResults(plays[index])),
        ];
        var judged = places.Select(place => (place.Where, Counts: Count(plays, place.Text))).ToList();
        if (judged[0].Counts.Judged == 0)
        {
            return ExaminationFinding.Skipped(Name, "all tasks have the same answer: nothing tells a leak from a coincidence");
        }

        var worst = judged.MaxBy(place => place.Counts.Excess);
        var (hits, coincidences, tasks) = (worst.Counts.Hits, worst.Counts.Coincidences, worst.Counts.Judged);
        return worst.Counts.Excess > Deviations
            ? ExaminationFinding.Failed(
                Name,
                $"{worst.Where}: the answer stands there in {hits} of {tasks} tasks of level {plays[0].Task.Reference.Difficulty}, another task's in {coincidences}",
                Remedy)
            : ExaminationFinding.Passed(
                Name, $"level {plays[0].Task.Reference.Difficulty}: the answer is seen early in at most {hits} of {tasks} tasks, another task's in {coincidences}");
    }

    private static string EarlyResults(ScriptedPlay play)
        => string.Join('\n', play.Observations.SkipLast(1).SelectMany(results => results).Select(result => result.Text));

    private static (int Hits, int Coincidences, int Judged, double Excess) Count(ImmutableArray<ScriptedPlay> plays, Func<int, string> text)
    {
        var (hits, coincidences, judged) = (0, 0, 0);
        for (var index = 0; index < plays.Length; index++)
        {
            var answer = plays[index].Answer;
            if (Other(plays, index) is { } other && answer.Length > 0)
            {
                var seen = text(index);
                hits += Shows(seen, answer) ? 1 : 0;
                coincidences += Shows(seen, other) ? 1 : 0;
                judged++;
            }
        }

        return (hits, coincidences, judged, (hits - coincidences) / Math.Sqrt(Math.Max(1, hits + coincidences)));
    }

    private static string? Other(ImmutableArray<ScriptedPlay> plays, int index)
        => Enumerable.Range(1, plays.Length - 1).Select(step => plays[(index + step) % plays.Length].Answer)
            .FirstOrDefault(answer => answer.Length > 0 && answer != plays[index].Answer);

    // As a word of its own: 12 does not stand in 512.
    private static bool Shows(string text, string answer)
    {
        for (var at = text.IndexOf(answer, StringComparison.Ordinal); at >= 0; at = text.IndexOf(answer, at + 1, StringComparison.Ordinal))
        {
            var end = at + answer.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                return true;
            }
        }

        return false;
    }
}
