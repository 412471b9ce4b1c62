using Forge.Core.Aggregation;
using Forge.TestKit;

namespace Forge.Learning.Tests.Losses;

/// <summary>The factor of each row's tokens, for the peers' names of aggregation modes.</summary>
internal static class RowWeights
{
    public static double[] Of(RlMathCase golden)
    {
        var counts = golden.TokenCounts;
        var mode = golden.Text("agg") switch
        {
            "none" or "token-sum" => AggregationMode.TokenSum,
            "token-mean" => AggregationMode.TokenMean,
            "seq-mean-token-sum" => AggregationMode.TrajectoryMeanTokenSum,
            "seq-mean-token-sum-norm" => AggregationMode.TrajectoryMeanTokenSumByLength,
            "seq-mean-token-mean" => AggregationMode.TrajectoryMeanTokenMean,
            "seq-mean-token-mean-all" => AggregationMode.AllTrajectoryMeanTokenMean,
            "token-sum-over-B-times-T" or "token-sum-over-B-times-L" => AggregationMode.TokenSumByTrajectoriesAndLength,
            var other => throw new InvalidOperationException($"No mode for '{other}'."),
        };
        int[] groups = [.. Enumerable.Range(0, counts.Length)];
        var length = golden.OptionalNumber("L") ?? golden.Mask[0].Length;
        return TokenCoefficients.Compute(mode, counts, groups, AggregationTotals.Of(counts, groups, length));
    }
}
