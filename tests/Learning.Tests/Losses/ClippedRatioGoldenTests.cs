using System.Text.Json;
using Forge.Core.Mismatch;
using Forge.Learning.Losses;
using Forge.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>Every case of golden/rl_math/policy_loss_ppo.json: value and gradient.</summary>
public sealed class ClippedRatioGoldenTests
{
    private static readonly RlMathGolden Ppo = RlMathGolden.Load("policy_loss_ppo");
    private static readonly RlMathGolden OffPolicy = RlMathGolden.Load("off_policy_correction");

    public static TheoryData<string> Ids(string algorithm) => [.. Ppo.Ids(algorithm)];

    /// <summary>The cases that cap a token's importance weight from above: what <see cref="ImportanceWeights"/> computes.</summary>
    public static TheoryData<string> CappedIds => [.. OffPolicy.Cases.Where(IsCapped).Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids), "ppo_clip")]
    public void Clipped_surrogate(string id)
    {
        using var scope = NewDisposeScope();
        var golden = Ppo.Find(id);
        var tokens = new FlatTokens(golden);
        var input = tokens.Input(RowWeights.Of(golden));
        var loss = new ClippedRatioLoss(new ClippedRatioOptions
        {
            EpsilonLow = 1 - golden.Number("ratio_min"),
            EpsilonHigh = golden.Number("ratio_max") - 1,
            DualClip = golden.OptionalNumber("dual_clip_c"),
            RatioCap = golden.OptionalNumber("delta_cap"),
            LogRatioClamp = golden.OptionalNumber("log_ratio_clamp"),
        });

        var total = loss.Evaluate(input).Loss + Penalty(golden, tokens, input);
        total.backward();

        if (golden.Output.TryGetProperty("loss", out _))
        {
            Assert.Null(golden.Difference("loss", total.ToDouble(), golden.Expected("loss")));
            Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob")));
        }
        else
        {
            Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob_of_sum")));
        }
    }

    [Theory]
    [MemberData(nameof(CappedIds))]
    public void Truncated_importance_weights_enter_through_the_token_factors(string id)
    {
        using var scope = NewDisposeScope();
        var golden = OffPolicy.Find(id);
        var tokens = new FlatTokens(golden);
        var old = tokens.Flat("old_log_prob");
        var scores = new TrajectoryLogProbs(old, tokens.Flat("rollout_log_prob"), [0, old.Length]);
        var correction = ImportanceWeights.Of(scores, ImportanceLevel.Token, golden.Parameters.GetProperty("is_correction").GetProperty("max").GetDouble());
        var loss = new ClippedRatioLoss(new ClippedRatioOptions
        {
            EpsilonLow = 1 - golden.Number("ratio_min"),
            EpsilonHigh = golden.Number("ratio_max") - 1,
            LogRatioClamp = null,
        });

        var total = loss.Evaluate(tokens.Input(RowWeights.Of(golden), correction.Weights)).Loss;
        total.backward();

        Assert.Null(golden.Difference("loss", total.ToDouble(), golden.Expected("loss")));
        Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob")));
    }

    [Theory]
    [MemberData(nameof(Ids), "reinforce")]
    public void Plain_policy_gradient(string id)
    {
        using var scope = NewDisposeScope();
        var golden = Ppo.Find(id);
        var tokens = new FlatTokens(golden);

        var outputs = new ReinforceLoss().Evaluate(tokens.Input(RowWeights.Of(golden)));
        outputs.Loss.backward();

        Assert.Null(golden.Difference("loss", outputs.Loss.ToDouble(), golden.Expected("loss")));
        Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob")));
    }

    private static bool IsCapped(RlMathCase golden)
        => golden.Algorithm == "ppo_clip_is" && golden.Parameters.GetProperty("is_correction") is var correction
            && correction.GetProperty("type").GetString() == "tis" && correction.GetProperty("min").ValueKind == JsonValueKind.Null;

    private static Tensor Penalty(RlMathCase golden, FlatTokens tokens, PolicyLossInput input)
    {
        if (golden.OptionalNumber("kl_coef") is not { } weight)
        {
            return zeros([], dtype: ScalarType.Float64);
        }

        var options = new KlOptions { Estimator = KlEstimator.K3, LogRatioClamp = null };
        return (KlPenalty.PerToken(tokens.LogProb_P, tokens.Column("ref_log_prob"), options) * input.Weight_P).sum() * weight;
    }
}
