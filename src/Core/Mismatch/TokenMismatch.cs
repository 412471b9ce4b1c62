namespace Forge.Core.Mismatch;

/// <summary>How far trainer and sampler are apart, token by token. l = log π_trainer − log π_sampler; means are over tokens.</summary>
/// <param name="Kl">k1 estimate of KL(sampler ‖ trainer): mean(−l).</param>
/// <param name="K3">k3 estimate of it, never negative: mean(exp l − l − 1).</param>
/// <param name="K3Max">The largest token of <paramref name="K3"/>.</param>
/// <param name="ReverseK3">k3 estimate of KL(trainer ‖ sampler).</param>
/// <param name="JensenShannon">k3 estimate of the Jensen–Shannon divergence.</param>
/// <param name="AbsoluteMean">mean |l|.</param>
/// <param name="AbsoluteMax">max |l|.</param>
/// <param name="MultiplicativeError">mean exp |l|: 1 when equal.</param>
/// <param name="RatioMean">mean exp l: about 1 when only noise differs.</param>
/// <param name="ChiSquare">mean exp 2l − 1, with l clamped to ±20.</param>
/// <param name="ProbabilityMean">mean |Δ probability|.</param>
/// <param name="ProbabilityMax">max |Δ probability|.</param>
/// <param name="ProbabilityStd">Unbiased standard deviation of |Δ probability|.</param>
/// <param name="ProbabilityCorrelation">Pearson correlation of the probabilities; NaN when one of them is constant.</param>
public sealed record TokenMismatch(
    double Kl,
    double K3,
    double K3Max,
    double ReverseK3,
    double JensenShannon,
    double AbsoluteMean,
    double AbsoluteMax,
    double MultiplicativeError,
    double RatioMean,
    double ChiSquare,
    double ProbabilityMean,
    double ProbabilityMax,
    double ProbabilityStd,
    double ProbabilityCorrelation)
{
    private const double LogRatioLimit = 20;

    /// <summary>k3 of one token: exp(l) − l − 1, 0 when equal.</summary>
    public static double K3Of(double logRatio) => Math.Exp(logRatio) - logRatio - 1;

    /// <summary>The trainer's entropy, estimated from the sampler's tokens: mean(−exp(l) · log π_trainer). The exact one needs all logits.</summary>
    public static double EstimateEntropy(TrajectoryLogProbs scores)
    {
        var sum = 0.0;
        for (var token = 0; token < scores.Tokens; token++)
        {
            sum -= Math.Exp(scores.LogRatio(token)) * scores.Trainer[token];
        }

        return sum / scores.Tokens;
    }

    public static TokenMismatch Of(TrajectoryLogProbs scores)
    {
        var (kl, k3, k3Max, reverse, shannon) = (0.0, 0.0, 0.0, 0.0, 0.0);
        var (absolute, absoluteMax, multiplicative, ratio, chiSquare) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var token = 0; token < scores.Tokens; token++)
        {
            var l = scores.LogRatio(token);
            var mixture = Math.Log(0.5 * (Math.Exp(scores.Trainer[token]) + Math.Exp(scores.Sampler[token])));
            kl -= l;
            k3 += K3Of(l);
            k3Max = Math.Max(k3Max, K3Of(l));
            reverse += K3Of(-l);
            shannon += 0.5 * (K3Of(scores.Trainer[token] - mixture) + K3Of(scores.Sampler[token] - mixture));
            absolute += Math.Abs(l);
            absoluteMax = Math.Max(absoluteMax, Math.Abs(l));
            multiplicative += Math.Exp(Math.Abs(l));
            ratio += Math.Exp(l);
            chiSquare += Math.Exp(2 * Math.Clamp(l, -LogRatioLimit, LogRatioLimit));
        }

        var n = (double)scores.Tokens;
        var (mean, max, std, correlation) = Probabilities(scores);
        return new TokenMismatch(
            kl / n, k3 / n, k3Max, reverse / n, shannon / n, absolute / n, absoluteMax, multiplicative / n, ratio / n,
            (chiSquare / n) - 1, mean, max, std, correlation);
    }

    private static (double Mean, double Max, double Std, double Correlation) Probabilities(TrajectoryLogProbs scores)
    {
        var (trainer, sampler, difference) = (new double[scores.Tokens], new double[scores.Tokens], new double[scores.Tokens]);
        for (var token = 0; token < scores.Tokens; token++)
        {
            trainer[token] = Math.Exp(scores.Trainer[token]);
            sampler[token] = Math.Exp(scores.Sampler[token]);
            difference[token] = Math.Abs(trainer[token] - sampler[token]);
        }

        var statistics = Advantages.GroupStatistics.Of(difference);
        return (statistics.Mean, difference.Max(), statistics.StandardDeviation, Correlation(trainer, sampler));
    }

    private static double Correlation(double[] left, double[] right)
    {
        var (leftMean, rightMean) = (left.Average(), right.Average());
        var (both, leftSquares, rightSquares) = (0.0, 0.0, 0.0);
        for (var index = 0; index < left.Length; index++)
        {
            both += (left[index] - leftMean) * (right[index] - rightMean);
            leftSquares += (left[index] - leftMean) * (left[index] - leftMean);
            rightSquares += (right[index] - rightMean) * (right[index] - rightMean);
        }

        return both / Math.Sqrt(leftSquares * rightSquares);
    }
}
