using System.Diagnostics;
using Forge.Core.Aggregation;
using Forge.Learning.Losses;

namespace Forge.Trainer.Algorithms;

/// <summary>What a named loss is made of: surrogate, bounds, normaliser, and how its advantages are scaled (docs/losses.md).</summary>
/// <param name="Normalizer">The factor of each token's loss.</param>
/// <param name="NormalizeByStd">Whether a group's advantages are divided by the standard deviation of its returns.</param>
/// <param name="EpsilonLow">Lower clip bound, 1 − this; null clips nothing.</param>
/// <param name="EpsilonHigh">Upper clip bound, 1 + this.</param>
internal sealed record LossRecipe(AggregationMode Normalizer, bool NormalizeByStd, double? EpsilonLow, double EpsilonHigh)
{
    /// <summary>The named loss as it was published, with what the run file changes about it.</summary>
    public static LossRecipe Of(AlgorithmOptions options)
    {
        var published = Published(options.Loss);
        return new LossRecipe(
            options.Normalizer ?? published.Normalizer,
            options.NormalizeByStd ?? published.NormalizeByStd,
            options.EpsilonLow ?? published.EpsilonLow,
            options.EpsilonHigh ?? published.EpsilonHigh);
    }

    /// <summary>Makes the loss; penalties are only computed where the run file weighs them.</summary>
    public static IPolicyLoss CreateLoss(AlgorithmOptions options)
    {
        var surrogate = Of(options).Surrogate(options);
        return options.KlWeight == 0 && options.EntropyWeight == 0 ? surrogate : new PenalizedLoss(surrogate, new PenaltyOptions
        {
            KlWeight = options.KlWeight,
            Kl = new KlOptions { Estimator = options.KlEstimator },
            EntropyWeight = options.EntropyWeight,
        });
    }

    private static LossRecipe Published(LossName loss) => loss switch
    {
        LossName.Cispo => new(AggregationMode.GroupTokenMean, false, null, 4),
        LossName.Grpo => new(AggregationMode.TrajectoryMeanTokenMean, true, 0.2, 0.2),
        LossName.DrGrpo => new(AggregationMode.TokenSumByTrajectoriesAndLength, false, 0.2, 0.2),
        LossName.Dapo => new(AggregationMode.TokenMean, true, 0.2, 0.28),
        LossName.Gspo => new(AggregationMode.TrajectoryMeanTokenMean, true, 3e-4, 4e-4),
        LossName.Reinforce => new(AggregationMode.TokenMean, false, null, 0),
        _ => throw new UnreachableException($"There is no loss {loss}."),
    };

    private IPolicyLoss Surrogate(AlgorithmOptions options) => options.Loss switch
    {
        LossName.Cispo => new CispoLoss(new CispoOptions { EpsilonLow = EpsilonLow, EpsilonHigh = EpsilonHigh, EpsilonCap = options.EpsilonCap }),
        LossName.Gspo => new GspoLoss(new GspoOptions { EpsilonLow = EpsilonLow!.Value, EpsilonHigh = EpsilonHigh }),
        LossName.Reinforce => new ReinforceLoss(),
        _ => new ClippedRatioLoss(new ClippedRatioOptions { EpsilonLow = EpsilonLow!.Value, EpsilonHigh = EpsilonHigh }),
    };
}
