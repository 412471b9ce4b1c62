namespace Forge.Core.Mismatch;

/// <summary>How far trainer and sampler are apart, trajectory by trajectory; every mean is over trajectories of equal weight.</summary>
/// <param name="TrainerPerplexity">mean exp(−mean log π_trainer).</param>
/// <param name="TrainerLogPerplexity">mean(−mean log π_trainer).</param>
/// <param name="SamplerPerplexity">mean exp(−mean log π_sampler).</param>
/// <param name="SamplerLogPerplexity">mean(−mean log π_sampler).</param>
/// <param name="DifferenceMean">mean of d = mean log π_sampler − mean log π_trainer.</param>
/// <param name="DifferenceAbsolute">mean |d|.</param>
/// <param name="DifferenceMax">max d.</param>
/// <param name="DifferenceMin">min d.</param>
/// <param name="PerplexityRatio">mean exp d: trainer's perplexity over the sampler's.</param>
/// <param name="ChiSquare">mean exp(2 Σ l) − 1, with Σ l clamped to ±20.</param>
public sealed record TrajectoryMismatch(
    double TrainerPerplexity,
    double TrainerLogPerplexity,
    double SamplerPerplexity,
    double SamplerLogPerplexity,
    double DifferenceMean,
    double DifferenceAbsolute,
    double DifferenceMax,
    double DifferenceMin,
    double PerplexityRatio,
    double ChiSquare)
{
    private const double LogRatioLimit = 20;

    public static TrajectoryMismatch Of(TrajectoryLogProbs scores)
    {
        var (trainerPerplexity, trainerLog, samplerPerplexity, samplerLog) = (0.0, 0.0, 0.0, 0.0);
        var (difference, absolute, ratio, chiSquare) = (0.0, 0.0, 0.0, 0.0);
        var (max, min) = (double.NegativeInfinity, double.PositiveInfinity);
        for (var index = 0; index < scores.Trajectories; index++)
        {
            var (trainer, sampler) = (scores.Mean(scores.Trainer, index), scores.Mean(scores.Sampler, index));
            var logRatio = scores.Sum(scores.Trainer, index) - scores.Sum(scores.Sampler, index);
            trainerPerplexity += Math.Exp(-trainer);
            trainerLog -= trainer;
            samplerPerplexity += Math.Exp(-sampler);
            samplerLog -= sampler;
            difference += sampler - trainer;
            absolute += Math.Abs(sampler - trainer);
            max = Math.Max(max, sampler - trainer);
            min = Math.Min(min, sampler - trainer);
            ratio += Math.Exp(sampler - trainer);
            chiSquare += Math.Exp(2 * Math.Clamp(logRatio, -LogRatioLimit, LogRatioLimit));
        }

        var n = (double)scores.Trajectories;
        return new TrajectoryMismatch(
            trainerPerplexity / n, trainerLog / n, samplerPerplexity / n, samplerLog / n, difference / n, absolute / n, max, min, ratio / n,
            (chiSquare / n) - 1);
    }
}
