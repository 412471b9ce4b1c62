using Forge.Core.Aggregation;
using Forge.TestKit;

namespace Forge.Core.Tests.Aggregation;

/// <summary>Every case of golden/rl_math/aggregation.json, each produced by a public project's own code.</summary>
public sealed class TokenCoefficientsTests
{
    private static readonly RlMathGolden Aggregation = RlMathGolden.Load("aggregation");

    public static TheoryData<string> Ids(string algorithm) => [.. Aggregation.Ids(algorithm)];

    [Fact]
    public void Every_algorithm_of_the_file_is_checked_here()
        => Assert.Equal(["aggregate", "aggregate_micro"], Aggregation.Cases.Select(entry => entry.Algorithm).Distinct().Order());

    [Theory]
    [MemberData(nameof(Ids), "aggregate")]
    public void Peers_weights_are_met(string id)
    {
        var golden = Aggregation.Find(id);
        var mask = golden.Mask;

        var coefficients = Coefficients(golden);

        var weights = mask.Select((row, index) => row.Select(trained => trained ? coefficients[index] : 0).ToArray()).ToArray();
        Assert.Null(golden.Difference("weight", weights, golden.ExpectedRows("weights")));
        Assert.Null(golden.Difference("loss", Loss(golden, coefficients, 0, mask.Length), golden.Expected("loss")));
    }

    [Theory]
    [MemberData(nameof(Ids), "aggregate_micro")]
    public void Micro_batches_add_up_to_the_whole(string id)
    {
        var golden = Aggregation.Find(id);
        int[] cuts = [.. golden.Parameters.GetProperty("cuts").EnumerateArray().Select(cut => cut.GetInt32())];
        var totals = Totals(golden) with { Tokens = (long)golden.Number("batch_num_tokens") };

        var whole = TokenCoefficients.Compute(AggregationMode.TokenMean, golden.TokenCounts, golden.Groups(), totals);
        double[] parts = [.. cuts.Zip(cuts.Skip(1), (from, to) => Loss(golden, whole, from, to))];

        Assert.Null(golden.Difference("part", parts, golden.ExpectedRow("parts")));
        Assert.Null(golden.Difference("sum", parts.Sum(), golden.Expected("sum")));
        Assert.Null(golden.Difference("full", parts.Sum(), golden.Expected("full")));
    }

    [Fact]
    public void A_step_without_tokens_weighs_nothing()
        => Assert.All(Enum.GetValues<AggregationMode>().Except([AggregationMode.TokenSum]), mode =>
            Assert.Equal([0, 0], TokenCoefficients.Compute(mode, [0, 0], [0, 1], AggregationTotals.Of([0, 0], [0, 1]))));

    [Fact]
    public void Group_token_mean_gives_every_group_the_same_weight()
    {
        int[] tokens = [10, 30, 5];
        int[] groups = [0, 0, 1];

        var factors = TokenCoefficients.Compute(AggregationMode.GroupTokenMean, tokens, groups, AggregationTotals.Of(tokens, groups));

        Assert.Equal([0.0125, 0.0125, 0.1], factors);
    }

    private static double[] Coefficients(RlMathCase golden)
    {
        var (counts, groups, totals) = (golden.TokenCounts, golden.Groups(), Totals(golden));
        if (golden.Text("agg") == "token_mean_legacy")
        {
            return LegacyMean(counts, groups, (int)golden.Number("micro_batch_size"));
        }

        var mode = golden.Text("agg") switch
        {
            "token-mean" or "token_mean" => AggregationMode.TokenMean,
            "token-sum" => AggregationMode.TokenSum,
            "seq-mean-token-sum" => AggregationMode.TrajectoryMeanTokenSum,
            "seq-mean-token-sum-norm" => AggregationMode.TrajectoryMeanTokenSumByLength,
            "seq-mean-token-mean" => AggregationMode.TrajectoryMeanTokenMean,
            "sequence_mean" => AggregationMode.AllTrajectoryMeanTokenMean,
            "seq_mean_token_sum_norm" => AggregationMode.TokenSumByTrajectoriesAndLength,
            "prompt_mean" => AggregationMode.GroupTokenMean,
            var other => throw new InvalidOperationException($"No mode for '{other}'."),
        };
        var ranks = golden.OptionalNumber("dp_size") ?? 1;
        return [.. TokenCoefficients.Compute(mode, counts, groups, totals).Select(factor => factor * ranks)];
    }

    // The mean over micro-batches of their own token means: what the shared denominators replace.
    private static double[] LegacyMean(int[] counts, int[] groups, int size)
    {
        var batches = counts.Chunk(size).Zip(groups.Chunk(size), (tokens, ids) =>
            TokenCoefficients.Compute(AggregationMode.TokenMean, tokens, ids, AggregationTotals.Of(tokens, ids))).ToArray();
        return [.. batches.SelectMany(batch => batch.Select(factor => factor / batches.Length))];
    }

    private static AggregationTotals Totals(RlMathCase golden)
    {
        var length = golden.OptionalNumber("loss_scale_factor") ?? golden.OptionalNumber("max_seq_len") ?? golden.Mask[0].Length;
        var totals = AggregationTotals.Of(golden.TokenCounts, golden.Groups(), length);
        return totals with
        {
            Tokens = (long?)golden.OptionalNumber("batch_num_tokens") ?? totals.Tokens,
            Trajectories = (int?)golden.OptionalNumber("global_batch_size") ?? totals.Trajectories,
        };
    }

    private static double Loss(RlMathCase golden, double[] coefficients, int from, int to)
    {
        // The file's per-token loss is the batch's advantages array.
        var (loss, mask) = (golden.Rows("advantages"), golden.Mask);
        return Enumerable.Range(from, to - from)
            .Sum(row => coefficients[row] * loss[row].Where((_, column) => mask[row][column]).Sum());
    }
}
