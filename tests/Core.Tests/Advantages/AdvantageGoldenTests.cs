using System.Text.Json;
using Forge.Core.Advantages;
using Forge.TestKit;

namespace Forge.Core.Tests.Advantages;

/// <summary>Every case of golden/rl_math/advantages.json, each produced by a public project's own code.</summary>
public sealed class AdvantageGoldenTests
{
    private static readonly RlMathGolden Advantages = RlMathGolden.Load("advantages");

    public static TheoryData<string> Ids(string algorithm) => [.. Advantages.Ids(algorithm)];

    [Fact]
    public void Every_algorithm_of_the_file_is_checked_here()
        => Assert.Equal(
            ["gae", "group_mean_advantage", "grpo_advantage", "grpo_advantage_loo", "grpo_advantage_trl", "opo", "reinforce_pp",
                "reinforce_pp_baseline", "remax", "rloo"],
            Advantages.Cases.Select(entry => entry.Algorithm).Distinct().Order());

    [Theory]
    [MemberData(nameof(Ids), "grpo_advantage")]
    public void Group_relative(string id)
    {
        var golden = Advantages.Find(id);

        var scores = PerGroup(golden, Scores(golden), (rewards, _, result) =>
            GroupRelativeAdvantage.Compute(rewards, result, golden.Flag("norm_by_std"), golden.Number("epsilon")));

        Assert.Null(golden.Difference("advantage", Broadcast(golden, scores), golden.ExpectedRows("advantages")));
    }

    [Theory]
    [MemberData(nameof(Ids), "grpo_advantage_loo")]
    public void Group_relative_with_or_without_the_own_reward(string id)
    {
        var golden = Advantages.Find(id);
        var normalize = golden.Flag("norm_by_std");

        var scores = PerGroup(golden, Scores(golden), (rewards, _, result) =>
        {
            if (golden.Flag("leave_one_out"))
            {
                LeaveOneOutAdvantage.Compute(rewards, result, normalize, golden.Number("epsilon"));
            }
            else
            {
                GroupRelativeAdvantage.Compute(rewards, result, normalize, golden.Number("epsilon"));
            }
        });

        Assert.Null(golden.Difference("advantage", scores, golden.ExpectedRow("advantages_per_sequence")));
    }

    [Theory]
    [MemberData(nameof(Ids), "rloo")]
    public void Leave_one_out(string id)
    {
        var golden = Advantages.Find(id);

        var scores = PerGroup(golden, Scores(golden), (rewards, _, result) => LeaveOneOutAdvantage.Compute(rewards, result));

        Assert.Null(golden.Difference("advantage", Broadcast(golden, scores), golden.ExpectedRows("advantages")));
    }

    [Theory]
    [MemberData(nameof(Ids), "opo")]
    public void Length_weighted(string id)
    {
        var golden = Advantages.Find(id);

        var scores = PerGroup(golden, Scores(golden), (rewards, lengths, result) =>
            LengthWeightedAdvantage.Compute(rewards, lengths, result));

        Assert.Null(golden.Difference("advantage", Broadcast(golden, scores), golden.ExpectedRows("advantages")));
    }

    [Theory]
    [MemberData(nameof(Ids), "grpo_advantage_trl")]
    public void Group_relative_scaled_by_group_batch_or_nothing(string id)
    {
        var golden = Advantages.Find(id);
        // This project groups every four consecutive rows; a rest of fewer is not part of the case.
        var rewards = golden.Row("reward")[..(golden.Row("reward").Length / 4 * 4)];
        var batch = GroupStatistics.Of(rewards);
        var (got, std, zero) = (new double[rewards.Length], new double[rewards.Length], new double[rewards.Length]);

        for (var start = 0; start < rewards.Length; start += 4)
        {
            var group = rewards.AsSpan(start, 4);
            var statistics = golden.Text("scale") == "batch" ? batch : GroupStatistics.Of(group);
            GroupRelativeAdvantage.Compute(
                group,
                got.AsSpan(start, 4),
                golden.Text("scale") == "none" ? 1 : statistics.StandardDeviation + golden.Number("epsilon"));
            std.AsSpan(start, 4).Fill(statistics.StandardDeviation);
            zero.AsSpan(start, 4).Fill(statistics.HasVariance ? 0 : 1);
        }

        Assert.Null(golden.Difference("advantage", got, golden.ExpectedRow("advantages_per_sequence")));
        Assert.Null(golden.Difference("std", std, golden.ExpectedRow("std")));
        Assert.Equal(golden.ExpectedRow("is_std_zero"), zero);
    }

    [Theory]
    [MemberData(nameof(Ids), "group_mean_advantage")]
    public void Group_mean_with_or_without_a_length_penalty(string id)
    {
        var golden = Advantages.Find(id);
        var rewards = golden.Row("reward");

        var got = PerGroupOfRows(golden, rewards, (group, rows, result) =>
        {
            var shaped = Shape(golden, group, rows);
            GroupRelativeAdvantage.Compute(shaped, result, normalizeByStd: false);
        });

        Assert.Null(golden.Difference("advantage", got, golden.ExpectedRow("advantages_per_sequence")));
    }

    [Theory]
    [MemberData(nameof(Ids), "remax")]
    public void Reward_to_go_minus_the_greedy_baseline(string id)
    {
        var golden = Advantages.Find(id);
        var (rewards, mask, baselines) = (golden.Rows("token_reward"), golden.Mask, golden.ExpectedRow("reward_baselines"));

        var returns = rewards.Select((row, index) => Returns(row, mask[index], discount: 1, carry: true)).ToArray();
        var advantages = returns.Select((row, index) => row.Select(value => value - baselines[index]).ToArray()).ToArray();

        Assert.Null(golden.Difference("return", returns, golden.ExpectedRows("returns")));
        Assert.Null(golden.Difference("advantage", advantages, golden.ExpectedRows("advantages")));
    }

    [Theory]
    [MemberData(nameof(Ids), "reinforce_pp")]
    public void Reward_to_go_whitened(string id)
    {
        var golden = Advantages.Find(id);
        var (rewards, mask) = (golden.Rows("token_reward"), golden.Mask);

        var returns = rewards
            .Select((row, index) => Returns(row, mask[index], golden.Number("gamma"), golden.Flag("carry_across_mask"))).ToArray();

        Assert.Null(golden.Difference("return", returns, golden.ExpectedRows("returns")));
        Assert.Null(golden.Difference("advantage", Whitened(golden, returns), golden.ExpectedRows("advantages")));
    }

    [Theory]
    [MemberData(nameof(Ids), "reinforce_pp_baseline")]
    public void Group_mean_whitened(string id)
    {
        var golden = Advantages.Find(id);

        var scores = PerGroup(golden, Scores(golden), (rewards, _, result) =>
            GroupRelativeAdvantage.Compute(rewards, result, normalizeByStd: false));

        Assert.Null(golden.Difference("advantage", Whitened(golden, Broadcast(golden, scores)), golden.ExpectedRows("advantages")));
    }

    [Theory]
    [MemberData(nameof(Ids), "gae")]
    public void Generalized(string id)
    {
        var golden = Advantages.Find(id);
        var (rewards, values, mask) = (golden.Rows("token_reward"), golden.Rows("values"), golden.Mask);
        var (advantages, returns) = (Zeros(rewards), Zeros(rewards));

        for (var row = 0; row < rewards.Length; row++)
        {
            GeneralizedAdvantage.Compute(
                rewards[row], values[row], mask[row], golden.Number("gamma"), golden.Number("lam"), golden.Flag("carry_across_mask"),
                advantages[row], returns[row]);
        }

        var suffix = golden.Output.TryGetProperty("advantages_masked", out _) ? "_masked" : "";
        var want = golden.ExpectedRows("advantages" + suffix);
        Assert.Null(golden.Difference("return", returns, golden.ExpectedRows("returns" + suffix)));
        Assert.Null(golden.Difference("advantage", golden.Flag("whiten") ? Whitened(golden, advantages) : advantages, want));
    }

    private delegate void GroupRule(ReadOnlySpan<double> rewards, ReadOnlySpan<int> lengths, Span<double> result);

    private delegate void RowsRule(double[] rewards, int[] rows, Span<double> result);

    private static double[] Shape(RlMathCase golden, double[] rewards, int[] rows)
    {
        if (golden.Parameters.GetProperty("length_penalty") is not { ValueKind: JsonValueKind.Object } penalty)
        {
            return rewards;
        }

        var lengths = golden.Output.GetProperty("lengths").EnumerateArray().ToArray();
        int[] output = [.. rows.Select(row => lengths[row].GetProperty("num_output_tokens").GetInt32())];
        int[] input = [.. rows.Select(row => lengths[row].GetProperty("num_total_tokens").GetInt32() - output[Array.IndexOf(rows, row)])];
        int[] turns = [.. rows.Select(row => lengths[row].GetProperty("num_turns").GetInt32())];
        var shaped = new double[rewards.Length];
        new LengthPenalty(
            penalty.GetProperty("num_output_tokens_weight").GetDouble(),
            penalty.GetProperty("num_input_tokens_weight").GetDouble(),
            penalty.GetProperty("num_turns_weight").GetDouble()).Apply(rewards, output, input, turns, shaped);
        return shaped;
    }

    private static double[] Scores(RlMathCase golden) => [.. golden.Rows("token_reward").Select(row => row.Sum())];

    private static double[] PerGroup(RlMathCase golden, double[] scores, GroupRule rule)
    {
        var lengths = golden.TokenCounts;
        return PerGroupOfRows(golden, scores, (rewards, rows, result) => rule(rewards, rows.Select(row => lengths[row]).ToArray(), result));
    }

    private static double[] PerGroupOfRows(RlMathCase golden, double[] scores, RowsRule rule)
    {
        var result = new double[scores.Length];
        foreach (var group in golden.Groups.Index().GroupBy(entry => entry.Item, entry => entry.Index))
        {
            var rows = group.ToArray();
            var advantages = new double[rows.Length];
            rule([.. rows.Select(row => scores[row])], rows, advantages);
            for (var place = 0; place < rows.Length; place++)
            {
                result[rows[place]] = advantages[place];
            }
        }

        return result;
    }

    private static double[][] Broadcast(RlMathCase golden, double[] scores)
        => [.. golden.Mask.Select((row, index) => row.Select(trained => trained ? scores[index] : 0).ToArray())];

    private static double[] Returns(double[] rewards, bool[] mask, double discount, bool carry)
    {
        var returns = new double[rewards.Length];
        TokenReturns.Compute(rewards, mask, discount, carry, returns);
        return returns;
    }

    private static double[][] Whitened(RlMathCase golden, double[][] rows)
    {
        var flat = rows.SelectMany(row => row).ToArray();
        Whitening.Apply(flat, golden.Mask.SelectMany(row => row).ToArray(), golden.OptionalNumber("denom_eps") ?? 0);
        return [.. flat.Chunk(rows[0].Length)];
    }

    private static double[][] Zeros(double[][] shape) => [.. shape.Select(row => new double[row.Length])];
}
