using System.Text.Json;
using Forge.Core.Mismatch;
using Forge.Learning.Losses;
using Forge.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>Every case of golden/rl_math/policy_loss_cispo.json: value, gradient, and the figures reported beside them.</summary>
public sealed class CispoGoldenTests
{
    private static readonly RlMathGolden Cispo = RlMathGolden.Load("policy_loss_cispo");

    public static TheoryData<string> Ids => [.. Cispo.Ids("cispo")];

    [Fact]
    public void Every_algorithm_of_the_file_is_checked_here()
        => Assert.Equal(["cispo"], Cispo.Cases.Select(entry => entry.Algorithm).Distinct());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Peers_values_and_gradients_are_met(string id)
    {
        using var scope = NewDisposeScope();
        var golden = Cispo.Find(id);
        var tokens = new FlatTokens(golden);
        var anchor = golden.Parameters.TryGetProperty("anchor", out var name) && name.GetString() == "rollout" ? "rollout_log_prob" : "old_log_prob";

        var outputs = Loss(golden).Evaluate(tokens.Input(RowWeights.Of(golden), Correction(golden, tokens), anchor));
        outputs.Loss.backward();

        if (golden.Output.TryGetProperty("loss", out _))
        {
            Assert.Null(golden.Difference("loss", outputs.Loss.ToDouble(), golden.Expected("loss")));
            Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob")));
            AssertMetrics(golden, tokens, outputs);
        }
        else
        {
            AssertPerToken(golden, tokens, outputs);
        }
    }

    private static CispoLoss Loss(RlMathCase golden)
    {
        var lower = golden.Number("ratio_min");
        return new CispoLoss(new CispoOptions
        {
            EpsilonLow = lower == 0 ? null : 1 - lower,
            EpsilonCap = golden.Number("ratio_max"),
            LogRatioClamp = golden.OptionalNumber("log_ratio_clamp"),
        });
    }

    private static double[]? Correction(RlMathCase golden, FlatTokens tokens)
    {
        if (!golden.Parameters.TryGetProperty("is_correction", out var correction) || correction.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var old = tokens.Flat("old_log_prob");
        var scores = new TrajectoryLogProbs(old, tokens.Flat("rollout_log_prob"), [0, old.Length]);
        return ImportanceWeights.Of(scores, ImportanceLevel.Token, correction.GetProperty("max").GetDouble()).Weights;
    }

    private static void AssertPerToken(RlMathCase golden, FlatTokens tokens, LossOutputs outputs)
    {
        Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows("grad_log_prob_of_sum")));
        Assert.Null(golden.Difference("clipped", tokens.Unflatten(FlatTokens.Values(outputs.Clipped_P)), golden.ExpectedRows("clipped")));

        // L_t = −w_t · A_t · log π_t and dL_t / d log π_t = −w_t · A_t.
        var perToken = tokens.Unflatten([.. FlatTokens.Values(tokens.LogProb_P.grad! * tokens.LogProb_P.detach())]);
        Assert.Null(golden.Difference("loss", perToken, golden.ExpectedRows("per_token_loss")));
    }

    private static void AssertMetrics(RlMathCase golden, FlatTokens tokens, LossOutputs outputs)
    {
        var upper = golden.Number("ratio_max");
        var ratio = FlatTokens.Values(outputs.Ratio_P);
        var clipped = FlatTokens.Values(outputs.Clipped_P);
        var gain = tokens.Flat("advantages");
        var figures = new Dictionary<string, Func<double>>
        {
            ["actor/pg_clipfrac"] = clipped.Average,
            ["clip_frac"] = clipped.Average,
            ["clip_ratio"] = clipped.Average,
            ["actor/pg_clipfrac_lower"] = () => 0,
            ["actor/ppo_kl"] = () => ratio.Average(value => -Math.Log(value)),
            ["cispo_clip_ratio"] = () => ratio.Zip(gain).Average(pair => pair.First > upper && pair.Second > 0 ? 1 : 0),
            ["cispo/ratio_mean"] = ratio.Average,
            ["cispo/ratio_max"] = ratio.Max,
            ["cispo/ratio_min"] = ratio.Min,
            ["cispo/ratio_clamped_mean"] = () => ratio.Average(value => Math.Min(value, upper)),
            ["probs_ratio"] = ratio.Average,
            ["probs_ratio_clamped"] = () => ratio.Average(value => Math.Min(value, upper)),
            ["probs_ratio_min"] = ratio.Min,
            ["probs_ratio_max"] = ratio.Max,
        };
        Assert.All(
            golden.Output.GetProperty("metrics").EnumerateObject(),
            metric => Assert.Null(golden.Difference(metric.Name, figures[metric.Name](), RlMathGolden.Number(metric.Value))));
    }
}
