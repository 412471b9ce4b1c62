using Forge.Core.Mismatch;
using Forge.TestKit;

namespace Forge.Core.Tests.Mismatch;

/// <summary>Every case of golden/rl_math/mismatch_metrics.json, each produced by a public project's own code.</summary>
public sealed class MismatchGoldenTests
{
    private static readonly RlMathGolden Mismatch = RlMathGolden.Load("mismatch_metrics");

    public static TheoryData<string> Ids(string algorithm) => [.. Mismatch.Ids(algorithm)];

    [Fact]
    public void Every_algorithm_of_the_file_is_checked_here()
        => Assert.Equal(
            ["is_metrics_verl", "logprob_abs_diff", "mismatch_kl", "mismatch_verl", "nemo_metrics", "probs_diff"],
            Mismatch.Cases.Select(entry => entry.Algorithm).Distinct().Order());

    [Theory]
    [MemberData(nameof(Ids), "mismatch_verl")]
    public void Off_policy_metrics(string id)
    {
        var golden = Mismatch.Find(id);
        AssertOffPolicy(golden, prefix: "");
    }

    [Theory]
    [MemberData(nameof(Ids), "is_metrics_verl")]
    public void Importance_weights(string id)
    {
        var golden = Mismatch.Find(id);
        var level = golden.Text("level") == "token" ? ImportanceLevel.Token : ImportanceLevel.Trajectory;

        var weights = ImportanceWeights.Of(new Scores(golden).Value, level, golden.Number("max"));

        var trajectories = weights.TrajectoryStatistics;
        AssertAll(golden, "rollout_corr/rollout_is_", new()
        {
            ["mean"] = weights.Mean,
            ["max"] = weights.Max,
            ["min"] = weights.Min,
            ["std"] = PeerStd(golden, weights.Mean, weights.Std),
            ["eff_sample_size"] = weights.EffectiveSampleSize,
            ["ratio_fraction_high"] = weights.FractionHigh,
            ["ratio_fraction_low"] = weights.FractionLow,
            ["seq_mean"] = trajectories.Mean,
            ["seq_std"] = trajectories.StandardDeviation,
            ["seq_max"] = weights.PerTrajectory.Max(),
            ["seq_min"] = weights.PerTrajectory.Min(),
            ["seq_max_deviation"] = weights.PerTrajectory.Max(weight => Math.Abs(weight - 1)),
            ["seq_fraction_high"] = weights.TrajectoryFractionHigh,
            ["seq_fraction_low"] = weights.TrajectoryFractionLow,
        });
        if (golden.Output.TryGetProperty("rollout_corr/kl", out _))
        {
            AssertOffPolicy(golden, "rollout_corr/");
        }
    }

    [Theory]
    [MemberData(nameof(Ids), "probs_diff")]
    public void Probability_differences(string id)
    {
        var golden = Mismatch.Find(id);

        var tokens = TokenMismatch.Of(new Scores(golden).Value);

        AssertAll(golden, "training/", new()
        {
            ["rollout_probs_diff_max"] = tokens.ProbabilityMax,
            ["rollout_probs_diff_mean"] = tokens.ProbabilityMean,
            ["rollout_probs_diff_std"] = tokens.ProbabilityStd,
            ["rollout_actor_probs_pearson_corr"] = tokens.ProbabilityCorrelation,
        });
    }

    [Theory]
    [MemberData(nameof(Ids), "mismatch_kl")]
    public void K3_per_token(string id)
    {
        var golden = Mismatch.Find(id);
        var scores = new Scores(golden);

        var tokens = TokenMismatch.Of(scores.Value);

        var perToken = golden.Rows("old_log_prob").Zip(golden.Rows("rollout_log_prob"), (trainer, sampler) =>
            trainer.Zip(sampler, (left, right) => TokenMismatch.K3Of(left - right)).ToArray()).ToArray();
        Assert.Null(golden.Difference("per_token", perToken, golden.ExpectedRows("per_token")));
        Assert.Null(golden.Difference("masked_mean", tokens.K3, golden.Expected("masked_mean")));
        Assert.Null(golden.Difference("masked_max", tokens.K3Max, golden.Expected("masked_max")));
    }

    [Theory]
    [MemberData(nameof(Ids), "nemo_metrics")]
    public void Divergences(string id)
    {
        var golden = Mismatch.Find(id);
        var scores = new Scores(golden);

        var tokens = TokenMismatch.Of(scores.Value);

        AssertAll(golden, "", new()
        {
            ["token_mult_prob_error"] = tokens.MultiplicativeError,
            ["gen_kl_error"] = tokens.K3,
            ["policy_kl_error"] = tokens.ReverseK3,
            ["js_divergence_error"] = tokens.JensenShannon,
            ["sampling_importance_ratio"] = tokens.RatioMean,
            ["approx_entropy"] = TokenMismatch.EstimateEntropy(new Scores(golden, "log_prob").Value),
        });
    }

    [Theory]
    [MemberData(nameof(Ids), "logprob_abs_diff")]
    public void Absolute_differences_and_truncated_ratios(string id)
    {
        var golden = Mismatch.Find(id);
        var scores = new Scores(golden);

        var tokens = TokenMismatch.Of(scores.Value);
        var weights = ImportanceWeights.Of(scores.Value, ImportanceLevel.Token, cap: 2);

        AssertAll(golden, "sampling/", new()
        {
            ["sampling_logp_difference/mean"] = tokens.AbsoluteMean,
            ["sampling_logp_difference/max"] = tokens.AbsoluteMax,
            ["importance_sampling_ratio/min"] = weights.Min,
            ["importance_sampling_ratio/mean"] = weights.Mean,
            ["importance_sampling_ratio/max"] = weights.Max,
        });
    }

    [Fact]
    public void Equal_scores_show_no_mismatch()
    {
        double[] scores = [-0.1, -2, -0.5];

        var tokens = TokenMismatch.Of(new TrajectoryLogProbs(scores, scores, [0, 2, 3]));

        Assert.Equal((0, 0, 0, 1, 1), (tokens.Kl, tokens.K3, tokens.AbsoluteMax, tokens.RatioMean, tokens.MultiplicativeError));
        Assert.Equal(1, tokens.ProbabilityCorrelation, tolerance: 1e-12);
        Assert.Equal(1, ImportanceWeights.Of(new TrajectoryLogProbs(scores, scores, [0, 2, 3]), ImportanceLevel.Token, 2).EffectiveSampleSize);
    }

    [Fact]
    public void Scores_of_different_lengths_are_refused()
        => Assert.Throws<ArgumentException>(() => TokenMismatch.Of(new TrajectoryLogProbs([-1], [-1, -2], [0, 1])));

    // This project divides sums over tokens by N + 1e-8, which a difference of two nearly equal means shows; ours divide by N.
    private static double PeerMean(RlMathCase golden, double mean) => mean * golden.TokenCounts.Sum() / (golden.TokenCounts.Sum() + 1e-8);

    private static double PeerStd(RlMathCase golden, double mean, double std)
        => Math.Sqrt(Math.Max(0, PeerMean(golden, (std * std) + (mean * mean)) - Math.Pow(PeerMean(golden, mean), 2)));

    private static void AssertOffPolicy(RlMathCase golden, string prefix)
    {
        var scores = new Scores(golden);
        var (tokens, trajectories) = (TokenMismatch.Of(scores.Value), TrajectoryMismatch.Of(scores.Value));
        AssertAll(golden, prefix, new()
        {
            ["training_ppl"] = trajectories.TrainerPerplexity,
            ["training_log_ppl"] = trajectories.TrainerLogPerplexity,
            ["kl"] = tokens.Kl,
            ["k3_kl"] = tokens.K3,
            ["rollout_ppl"] = trajectories.SamplerPerplexity,
            ["rollout_log_ppl"] = trajectories.SamplerLogPerplexity,
            ["log_ppl_diff"] = trajectories.DifferenceMean,
            ["log_ppl_abs_diff"] = trajectories.DifferenceAbsolute,
            ["log_ppl_diff_max"] = trajectories.DifferenceMax,
            ["log_ppl_diff_min"] = trajectories.DifferenceMin,
            ["ppl_ratio"] = trajectories.PerplexityRatio,
            ["chi2_token"] = PeerMean(golden, tokens.ChiSquare + 1) - 1,
            ["chi2_seq"] = trajectories.ChiSquare,
        });
    }

    private static void AssertAll(RlMathCase golden, string prefix, Dictionary<string, double> figures)
        => Assert.All(figures, figure => Assert.Null(golden.Difference(figure.Key, figure.Value, golden.Expected(prefix + figure.Key))));

    /// <summary>The case's trained tokens, row after row; an empty row stays an empty trajectory.</summary>
    private sealed class Scores(RlMathCase golden, string trainer = "old_log_prob")
    {
        private readonly double[] _trainer = Flatten(golden, trainer);
        private readonly double[] _sampler = Flatten(golden, "rollout_log_prob");
        private readonly int[] _starts = [0, .. golden.TokenCounts.Select((_, row) => golden.TokenCounts.Take(row + 1).Sum())];

        public TrajectoryLogProbs Value => new(_trainer, _sampler, _starts);

        private static double[] Flatten(RlMathCase golden, string name)
            => [.. golden.Rows(name).Zip(golden.Mask).SelectMany(row => row.First.Where((_, column) => row.Second[column]))];
    }
}
