using System.Collections.Immutable;
using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Examination.Checks;

/// <summary>Scores lie in [0, 1], the player's answer is right, a guess and a spoiled answer are not, and a verifier does not change its mind.</summary>
internal static class RewardCheck
{
    private const string Name = "rewards";

    // What docs/environments.md promises of a guess.
    private const double MostLuckyGuesses = 0.05;

    // Luck of this many standard deviations is none.
    private const double Deviations = 3;

    // Guesses draw from numbers of their own.
    private const ulong GuessStream = 17;

    public static async Task<ExaminationFinding> RunAsync(IEnvironment environment, ImmutableArray<ScriptedPlay> plays, CancellationToken cancellationToken)
    {
        var (lowest, highest, lucky) = (double.MaxValue, double.MinValue, 0);
        foreach (var play in plays)
        {
            using var instance = environment.Open(play.Task, play.Task.Reference.Seed ^ 3);
            await instance.BeginAsync(cancellationToken);
            var guess = environment.Guess(play.Task, SeededRandom.Combine(play.Task.Reference.Seed, GuessStream));
            foreach (var answer in (string[])[play.Answer, "", "x" + play.Answer, play.Task.Question, guess])
            {
                if (Problem(instance, play, answer, isGuess: answer == guess) is { } problem)
                {
                    return problem;
                }

                var value = instance.Score(answer).Value;
                (lowest, highest) = (Math.Min(lowest, value), Math.Max(highest, value));
            }

            lucky += instance.Score(guess).Success ? 1 : 0;
        }

        var rate = (double)lucky / plays.Length;
        return rate > MostLuckyGuesses + (Deviations * Math.Sqrt(MostLuckyGuesses * (1 - MostLuckyGuesses) / plays.Length))
            ? ExaminationFinding.Failed(
                Name, $"{lucky} of {plays.Length} guesses without any tool were right ({rate:P1})", "Give the question more possible answers, evenly spread.")
            : ExaminationFinding.Passed(Name, $"scores in [{lowest:0.###}, {highest:0.###}]; the player is always right, a guess in {rate:P1}");
    }

    private static ExaminationFinding? Problem(IEnvironmentInstance instance, ScriptedPlay play, string answer, bool isGuess)
    {
        var score = instance.Score(answer);
        var question = play.Task.Question;
        if (!(score.Value is >= 0 and <= 1))
        {
            return ExaminationFinding.Failed(Name, $"the answer '{answer}' to '{question}' scores {score.Value}", "Keep scores in [0, 1].");
        }

        if (instance.Score(answer) != score)
        {
            return ExaminationFinding.Failed(
                Name, $"the answer '{answer}' to '{question}' scores {score.Value}, then {instance.Score(answer).Value}", "Let Score depend on nothing but the answer.");
        }

        if (answer == play.Answer)
        {
            return score.Success ? null : ExaminationFinding.Failed(
                Name, $"the player's answer '{answer}' to '{question}' is wrong", "Correct the player or the verifier.");
        }

        return !score.Success || isGuess ? null : ExaminationFinding.Failed(
            Name, $"the answer '{answer}' to '{question}' counts as right, as '{play.Answer}' does", "Compare the whole answer.");
    }
}
