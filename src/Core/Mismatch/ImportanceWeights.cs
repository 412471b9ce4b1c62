using Forge.Core.Advantages;

namespace Forge.Core.Mismatch;

/// <summary>Truncated importance weights w = min(π_trainer / π_sampler, C) (TIS) and what researchers watch about them.</summary>
/// <param name="Weights">[P] Truncated, one per token.</param>
/// <param name="Mean">Mean of the truncated weights over tokens.</param>
/// <param name="Max">Largest weight: truncated at token level, not truncated at trajectory level, where the tail is the point.</param>
/// <param name="Min">Smallest weight.</param>
/// <param name="Std">Standard deviation of the truncated weights (population).</param>
/// <param name="EffectiveSampleSize">1 / mean((w / mean w)²), in (0, 1]: the share of the tokens that carries the estimate.</param>
/// <param name="FractionHigh">Share of raw weights above C: of tokens, or of trajectories.</param>
/// <param name="FractionLow">Share of raw weights below 1 / C.</param>
/// <param name="PerTrajectory">Mean truncated weight of each trajectory; 0 for an empty one.</param>
/// <param name="TrajectoryFractionHigh">Share of trajectories whose mean raw weight is above C.</param>
/// <param name="TrajectoryFractionLow">Share of trajectories whose mean raw weight is below 1 / C.</param>
public sealed record ImportanceWeights(
    double[] Weights,
    double Mean,
    double Max,
    double Min,
    double Std,
    double EffectiveSampleSize,
    double FractionHigh,
    double FractionLow,
    double[] PerTrajectory,
    double TrajectoryFractionHigh,
    double TrajectoryFractionLow)
{
    private const double LogRatioLimit = 20;

    /// <summary>Mean and unbiased standard deviation of <see cref="PerTrajectory"/>.</summary>
    public GroupStatistics TrajectoryStatistics => GroupStatistics.Of(PerTrajectory);

    /// <param name="scores">The same tokens, scored twice.</param>
    /// <param name="level">Per token or per trajectory.</param>
    /// <param name="cap">C, at least 1.</param>
    public static ImportanceWeights Of(TrajectoryLogProbs scores, ImportanceLevel level, double cap)
    {
        var logRatios = LogRatios(scores, level);
        double[] raw = [.. logRatios.Select(l => Math.Exp(Math.Clamp(l, -LogRatioLimit, LogRatioLimit)))];
        double[] weights = [.. raw.Select(weight => Math.Min(weight, cap))];
        var mean = weights.Average();
        var squares = weights.Average(weight => weight * weight);
        double[] counted = level == ImportanceLevel.Token ? raw : PerTrajectoryOf(scores, raw);
        var (perTrajectory, rawPerTrajectory) = (PerTrajectoryOf(scores, weights), PerTrajectoryOf(scores, raw));
        var extremes = level == ImportanceLevel.Token ? weights : raw;
        return new ImportanceWeights(
            weights, mean, extremes.Max(), extremes.Min(), Math.Sqrt(Math.Max(0, squares - (mean * mean))), mean * mean / squares,
            Share(counted, weight => weight > cap), Share(counted, weight => weight < 1 / cap && weight > 0),
            perTrajectory, Share(rawPerTrajectory, weight => weight > cap), Share(rawPerTrajectory, weight => weight < 1 / cap));
    }

    private static double[] LogRatios(TrajectoryLogProbs scores, ImportanceLevel level)
    {
        var ratios = new double[scores.Tokens];
        for (var index = 0; index < scores.Trajectories; index++)
        {
            var sum = scores.Sum(scores.Trainer, index) - scores.Sum(scores.Sampler, index);
            for (var token = scores.Starts[index]; token < scores.Starts[index + 1]; token++)
            {
                ratios[token] = level == ImportanceLevel.Token ? scores.LogRatio(token) : sum;
            }
        }

        return ratios;
    }

    private static double[] PerTrajectoryOf(TrajectoryLogProbs scores, double[] values)
    {
        var means = new double[scores.Trajectories];
        for (var index = 0; index < means.Length; index++)
        {
            means[index] = scores.Mean(values, index);
        }

        return means;
    }

    private static double Share(double[] values, Func<double, bool> holds) => values.Count(holds) / (double)values.Length;
}
