using Forge.Core.Ring;
using Forge.Rollout.Decoding;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.Rollout.Tests.Decoding;

public sealed class TokenSamplerTests
{
    private static readonly float[] Logits = [0.3f, -1.2f, 2.0f, 0.3f, -0.4f, 1.1f, -3f, 0.9f, 1.7f, -0.1f, 0.6f, -2f, 0.2f, 1.4f, -0.7f, 0.8f, 0.05f];

    [Theory]
    [InlineData(1.0, 1.0, 0)]
    [InlineData(0.7, 1.0, 0)]
    [InlineData(1.3, 0.8, 0)]
    [InlineData(1.0, 1.0, 5)]
    [InlineData(1.0, 0.9, 6)]
    public void Draw_follows_the_behaviour_distribution(double temperature, double topP, int topK)
    {
        const int Draws = 40_000;
        var sampling = new SamplingParameters { Temperature = temperature, TopP = topP, TopK = topK, Seed = 11 };
        var (_, behavior) = Reference(Logits, sampling);
        var counts = new int[Logits.Length];

        for (var i = 0; i < Draws; i++)
        {
            counts[TokenSampler.Draw(Logits, new TokenSampling(sampling, 0, i)).Id]++;
        }

        Assert.All(Enumerable.Range(0, counts.Length).Where(token => behavior[token] == 0), token => Assert.Equal(0, counts[token]));
        var kept = Enumerable.Range(0, counts.Length).Where(token => behavior[token] > 0).ToList();
        var chiSquare = kept.Sum(token => Math.Pow(counts[token] - (Draws * behavior[token]), 2) / (Draws * behavior[token]));

        // Wilson and Hilferty's approximation of the 0.9999 quantile for kept - 1 degrees of freedom.
        var freedom = kept.Count - 1;
        var quantile = freedom * Math.Pow(1 - (2.0 / (9 * freedom)) + (3.72 * Math.Sqrt(2.0 / (9 * freedom))), 3);
        Assert.InRange(chiSquare, 0, quantile);
    }

    [Fact]
    public void Draw_reports_both_log_probabilities_as_a_double_precision_reference_does()
    {
        var cases =
            from logits in Gen.Choose(-400, 400).Select(x => x / 100f).ArrayOf().Where(values => values.Length > 0)
            from temperature in Gen.Choose(1, 30).Select(x => x / 10.0)
            from topP in Gen.Choose(1, 20).Select(x => x / 20.0)
            from topK in Gen.Choose(0, 12)
            from seed in Gen.Choose(0, int.MaxValue)
            select (Logits: logits, Sampling: new SamplingParameters { Temperature = temperature, TopP = topP, TopK = topK, Seed = (ulong)seed });

        Prop.ForAll(cases.ToArbitrary(), example =>
        {
            var drawn = TokenSampler.Draw(example.Logits, new TokenSampling(example.Sampling, 0, 0));
            var (policy, behavior) = Reference(example.Logits, example.Sampling);

            // Where the nucleus ends within rounding of a token's edge, either end is right.
            var wider = Reference(example.Logits, example.Sampling with { TopP = Math.Min(1, example.Sampling.TopP * (1 + 1e-6)) }).Behavior;
            var narrower = Reference(example.Logits, example.Sampling with { TopP = example.Sampling.TopP * (1 - 1e-6) }).Behavior;
            behavior = new[] { wider, behavior, narrower }.MinBy(one => Math.Abs(drawn.BehaviorLogProb - Math.Log(one[drawn.Id])))!;

            Assert.InRange(Math.Abs(drawn.PolicyLogProb - Math.Log(policy[drawn.Id])), 0, 1e-5);
            Assert.InRange(Math.Abs(drawn.BehaviorLogProb - Math.Log(behavior[drawn.Id])), 0, 1e-5);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Draw_at_temperature_zero_takes_the_lowest_id_among_the_most_likely()
    {
        var drawn = TokenSampler.Draw([1f, 3f, 2f, 3f], new TokenSampling(new SamplingParameters { Temperature = 0 }, 0, 0));

        Assert.Equal(1, drawn.Id);
        Assert.Equal(0f, drawn.BehaviorLogProb);
        Assert.Equal(-Math.Log(2 + Math.Exp(-1) + Math.Exp(-2)), drawn.PolicyLogProb, 1e-6);
    }

    [Fact]
    public void Draw_with_top_k_keeps_the_lower_id_of_a_tie()
    {
        var sampling = new SamplingParameters { TopK = 2 };

        var drawn = Enumerable.Range(0, 200).Select(i => TokenSampler.Draw([1f, 3f, 2f, 2f], new TokenSampling(sampling, 0, i)).Id).Distinct().Order();

        Assert.Equal([1, 2], drawn);
    }

    [Fact]
    public void Draw_depends_on_seed_turn_and_index_and_on_nothing_else()
    {
        var flat = new float[512];
        int Draw(ulong seed, int turn, int index) => TokenSampler.Draw(flat, new TokenSampling(new SamplingParameters { Seed = seed }, turn, index)).Id;

        Assert.Equal(Draw(5, 2, 9), Draw(5, 2, 9));
        var draws = Enumerable.Range(0, 40).SelectMany(i => new[] { Draw((ulong)i, 0, 0), Draw(1000, i, 1), Draw(1000, 1, i + 50) }).Distinct().Count();
        Assert.InRange(draws, 80, 120);
    }

    // Temperature, then top-k, then top-p over what is left; ties go to the lower id.
    private static (double[] Policy, double[] Behavior) Reference(float[] logits, SamplingParameters sampling)
    {
        var weights = logits.Select(logit => Math.Exp(((double)logit - logits.Max()) / sampling.Temperature)).ToArray();
        var kept = Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ThenBy(token => token).ToList();
        if (sampling.TopK > 0)
        {
            kept = [.. kept.Take(sampling.TopK)];
        }

        if (sampling.TopP < 1)
        {
            var goal = sampling.TopP * kept.Sum(token => weights[token]);
            var sum = 0.0;
            kept = [.. kept.TakeWhile((token, i) => i == 0 || sum < goal ? (sum += weights[token]) >= 0 : false)];
        }

        var total = kept.Sum(token => weights[token]);
        return (
            [.. weights.Select(weight => weight / weights.Sum())],
            [.. Enumerable.Range(0, logits.Length).Select(token => kept.Contains(token) ? weights[token] / total : 0)]);
    }
}
