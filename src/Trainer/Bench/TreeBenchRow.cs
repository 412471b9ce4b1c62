namespace Forge.Trainer.Bench;

/// <summary>What one tree gave. Completion means one sequence per completion, episode one per append-only episode.</summary>
public sealed record TreeBenchRow
{
    public required string Tree { get; init; }

    /// <summary>What it is made of.</summary>
    public required string Shape { get; init; }

    /// <summary>Rows that run through the model: with everything merged, one sequence per completion, one per append-only episode.</summary>
    public required long TokensUnique { get; init; }

    public required long TokensCompletion { get; init; }

    public required long TokensEpisode { get; init; }

    /// <summary>Runs of tokens between two branches, and how long one is on average.</summary>
    public int Nodes { get; init; }

    public double TokensPerNode => (double)TokensUnique / Nodes;

    /// <summary>Quotients of floating-point operations of whole steps, the optimizer left out.</summary>
    public required double IdealVsCompletion { get; init; }

    public required double IdealVsEpisode { get; init; }

    /// <summary>Quotients of tokens: what the ideal would be if attention cost nothing.</summary>
    public required double TokenRatioVsCompletion { get; init; }

    public required double TokenRatioVsEpisode { get; init; }

    /// <summary>Quotients of measured seconds of whole steps, the optimizer included.</summary>
    public double SpeedupVsCompletion => StepSecondsCompletion / StepSeconds;

    public double SpeedupVsEpisode => StepSecondsEpisode / StepSeconds;

    /// <summary>Seconds of a whole step; the medians of the runs.</summary>
    public required double StepSeconds { get; init; }

    public required double StepSecondsCompletion { get; init; }

    public required double StepSecondsEpisode { get; init; }

    /// <summary>The fraction of the sequences that was timed; the others are counted at its rate. 1 is all.</summary>
    public required double TimedFractionCompletion { get; init; }

    public required double TimedFractionEpisode { get; init; }

    /// <summary>Of the pairs that see each other, forward and backward (3.5 × forward).</summary>
    public double AttentionTflops { get; init; }

    /// <summary>Most memory during a step, in 10⁶ bytes: <see cref="PeakMemory"/>.</summary>
    public required double PeakMemoryMb { get; init; }

    public required double PeakMemoryCompletionMb { get; init; }

    public required double PeakMemoryEpisodeMb { get; init; }
}
