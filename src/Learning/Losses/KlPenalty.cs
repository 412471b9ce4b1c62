// P trajectory tokens

using static TorchSharp.torch;

namespace Forge.Learning.Losses;

/// <summary>Estimates KL(policy ‖ reference) token by token (Schulman, "Approximating KL divergence", 2020).</summary>
public static class KlPenalty
{
    /// <summary>Differentiable in <paramref name="logProb_P"/> alone.</summary>
    /// <param name="logProb_P">log π.</param>
    /// <param name="referenceLogProb_P">log π_ref.</param>
    /// <param name="options">Which estimator.</param>
    /// <returns>[P] In the caller's dispose scope.</returns>
    public static Tensor PerToken(Tensor logProb_P, Tensor referenceLogProb_P, KlOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        var difference_P = logProb_P - referenceLogProb_P;
        var estimate_P = Clamp(Estimate(Clamp(difference_P, options.LogRatioClamp), options.Estimator), options.OutputClamp);
        if (options.StraightThrough)
        {
            var k2_P = Estimate(difference_P, KlEstimator.K2);
            estimate_P = estimate_P.detach() + k2_P - k2_P.detach();
        }

        return estimate_P.MoveToOuterDisposeScope();
    }

    private static Tensor Estimate(Tensor difference_P, KlEstimator estimator) => estimator switch
    {
        KlEstimator.K1 => difference_P.alias(),
        KlEstimator.K2 => difference_P * difference_P * 0.5,
        KlEstimator.K3 => (-difference_P).exp() - 1 + difference_P,
        KlEstimator.Absolute => difference_P.abs(),
        _ => throw new ArgumentOutOfRangeException(nameof(estimator), estimator, "Unknown KL estimator."),
    };

    private static Tensor Clamp(Tensor values_P, double? limit) => limit is { } bound ? values_P.clamp(-bound, bound) : values_P;
}
