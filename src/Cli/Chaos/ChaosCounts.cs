namespace Forge.Cli.Chaos;

/// <summary>How much there was to lose.</summary>
/// <param name="AckedCompletions">Completions that the pool acknowledged.</param>
/// <param name="AckedResults">Results of episodes that it acknowledged.</param>
/// <param name="Unanswered">Records whose sender was never told: they may be kept or not.</param>
/// <param name="Groups">Groups dispatched.</param>
/// <param name="DeadLetters">Groups given up because an episode broke too often.</param>
/// <param name="Resumes">How often the trainer went on from a checkpoint.</param>
internal sealed record ChaosCounts(int AckedCompletions, int AckedResults, int Unanswered, long Groups, int DeadLetters, int Resumes);
