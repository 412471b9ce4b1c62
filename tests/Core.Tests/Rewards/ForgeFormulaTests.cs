using System.Text.Json;
using Forge.Core.Advantages;
using Forge.Core.Rewards;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.Core.Tests.Rewards;

/// <summary>Every case of golden/rl_math/forge_formulas.json.</summary>
public sealed class ForgeFormulaTests
{
    private static readonly RlMathGolden Formulas = RlMathGolden.Load("forge_formulas");

    public static TheoryData<string> Ids(string algorithm) => [.. Formulas.Ids(algorithm)];

    [Fact]
    public void Every_formula_of_the_file_is_checked_here()
        => Assert.Equal(["repetition_early_stop", "reward_to_go"], Formulas.Cases.Select(entry => entry.Algorithm).Distinct().Order());

    [Theory]
    [MemberData(nameof(Ids), "reward_to_go")]
    public void Rewards_compose_and_flow_back(string id)
    {
        var entry = Formulas.Find(id).Entry;
        var expected = entry.GetProperty("expected");
        var weights = new RewardWeights(Number(entry, "alpha"), Number(entry, "beta"));
        var (process, speed, outcome) = (Row(entry, "process"), Row(entry, "speed"), Row(entry, "perf"));

        var rewards = weights.Of([.. process.Select((value, step) => new StepReward(value, speed[step], outcome[step]))]);
        var (returns, advantages) = (new double[rewards.Length], new double[rewards.Length]);
        RewardToGo.Returns(rewards, Number(entry, "gamma"), returns);
        RewardToGo.Advantages(rewards, Number(entry, "gamma"), Number(entry, "baseline"), advantages);

        AssertNear(Row(expected, "step_reward"), rewards);
        AssertNear(Row(expected, "return"), returns);
        AssertNear(Row(expected, "step_advantage"), advantages);
        var tokens = Row(entry, "tokens_per_step").SelectMany((count, step) => Enumerable.Repeat(advantages[step], (int)count));
        AssertNear(Row(expected, "token_advantage"), [.. tokens]);
    }

    [Theory]
    [MemberData(nameof(Ids), "repetition_early_stop")]
    public void A_run_of_certain_tokens_ends_the_generation(string id)
    {
        var entry = Formulas.Find(id).Entry;
        var run = new ConfidenceRun(entry.GetProperty("run_length").GetInt32(), Number(entry, "threshold"));
        var probabilities = Row(entry, "probs");

        var stop = Array.FindIndex(probabilities, run.Observe);

        var expected = entry.GetProperty("expected_stop_after_token_index");
        Assert.Equal(expected.ValueKind == JsonValueKind.Null ? -1 : expected.GetInt32(), stop);
        Assert.Equal(entry.GetProperty("expected_tokens_kept").GetInt32(), stop < 0 ? probabilities.Length : stop + 1);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 0.75)]
    [InlineData(8, 0)]
    [InlineData(800, 0)]
    public void Speed_is_full_up_to_the_baseline_and_none_from_twice_of_it(double turns, double expected)
        => Assert.Equal(expected, SpeedReward.Of(turns, baseline: 4));

    private static double Number(JsonElement element, string name) => RlMathGolden.Number(element.GetProperty(name));

    private static double[] Row(JsonElement element, string name)
        => [.. element.GetProperty(name).EnumerateArray().Select(RlMathGolden.Number)];

    private static void AssertNear(double[] want, double[] got)
    {
        Assert.Equal(want.Length, got.Length);
        Assert.All(want.Zip(got), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-12));
    }
}
