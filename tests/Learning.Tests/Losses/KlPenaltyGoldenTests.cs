using Forge.Learning.Losses;
using Forge.TestKit;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>Every case of golden/rl_math/kl_estimators.json: value and gradient per token.</summary>
public sealed class KlPenaltyGoldenTests
{
    private static readonly RlMathGolden Kl = RlMathGolden.Load("kl_estimators");

    public static TheoryData<string> Ids => [.. Kl.Ids("kl")];

    [Fact]
    public void Every_algorithm_of_the_file_is_checked_here()
        => Assert.Equal(["kl"], Kl.Cases.Select(entry => entry.Algorithm).Distinct());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Peers_values_and_gradients_are_met(string id)
    {
        using var scope = NewDisposeScope();
        var golden = Kl.Find(id);
        var tokens = new FlatTokens(golden);
        var options = new KlOptions
        {
            Estimator = golden.Text("estimator") switch
            {
                "k1" => KlEstimator.K1,
                "k2" => KlEstimator.K2,
                "k3" => KlEstimator.K3,
                _ => KlEstimator.Absolute,
            },
            StraightThrough = golden.Flag("straight_through_k2"),
            LogRatioClamp = golden.OptionalNumber("log_ratio_clamp"),
            OutputClamp = golden.OptionalNumber("output_clamp"),
        };

        var estimate_P = KlPenalty.PerToken(tokens.LogProb_P, tokens.Column("ref_log_prob"), options);
        estimate_P.sum().backward();

        Assert.Null(golden.Difference("kl", tokens.Unflatten(FlatTokens.Values(estimate_P)), golden.ExpectedRows("per_token")));
        if (golden.Output.TryGetProperty("grad_log_prob_of_sum", out _))
        {
            Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob_of_sum")));
        }
    }
}
