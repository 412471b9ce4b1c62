namespace Forge.Core.Mismatch;

/// <summary>The same trained tokens scored twice: by the trainer and by the sampler. Natural logarithms, trajectories one after another.</summary>
public readonly ref struct TrajectoryLogProbs
{
    /// <param name="trainer">[P] By the trainer.</param>
    /// <param name="sampler">[P] By the rollout.</param>
    /// <param name="starts">[R + 1] First token of each trajectory, then P. An empty trajectory counts in means over trajectories, with log-prob 0.</param>
    public TrajectoryLogProbs(ReadOnlySpan<double> trainer, ReadOnlySpan<double> sampler, ReadOnlySpan<int> starts)
    {
        if (trainer.Length == 0 || sampler.Length != trainer.Length || starts.Length < 2 || starts[^1] != trainer.Length)
        {
            throw new ArgumentException(
                $"{trainer.Length} trainer and {sampler.Length} sampler log-probs with {starts.Length} starts: "
                + "the two must be as long, not empty, and end at the last start.");
        }

        Trainer = trainer;
        Sampler = sampler;
        Starts = starts;
    }

    public ReadOnlySpan<double> Trainer { get; }

    public ReadOnlySpan<double> Sampler { get; }

    public ReadOnlySpan<int> Starts { get; }

    public int Tokens => Trainer.Length;

    public int Trajectories => Starts.Length - 1;

    /// <summary>log π_trainer − log π_sampler of a token.</summary>
    public double LogRatio(int token) => Trainer[token] - Sampler[token];

    /// <summary>Adds one trajectory's values up; 0 when it is empty.</summary>
    public double Sum(ReadOnlySpan<double> values, int trajectory)
    {
        var sum = 0.0;
        for (var token = Starts[trajectory]; token < Starts[trajectory + 1]; token++)
        {
            sum += values[token];
        }

        return sum;
    }

    /// <summary>Averages one trajectory's values; 0 when it is empty.</summary>
    public double Mean(ReadOnlySpan<double> values, int trajectory)
        => Sum(values, trajectory) / Math.Max(1, Starts[trajectory + 1] - Starts[trajectory]);
}
