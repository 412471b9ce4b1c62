using Forge.Learning.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>The three tests that each loss has: worked by hand, gradient against finite differences, invariance.</summary>
public sealed class PolicyLossTests
{
    private const double Step = 1e-6;

    private static readonly double[] LogProbs = [-0.7, -1.2, -0.4, -2.1];
    private static readonly double[] Gains = [1, -0.5, 2, -1];

    public static TheoryData<string> Losses => ["cispo", "clipped", "dual clipped", "gspo", "coupled gspo", "penalized", "reinforce"];

    /// <summary>All but GSPO-token, whose gradient is by design that of another value.</summary>
    public static TheoryData<string> Differentiable => ["cispo", "clipped", "dual clipped", "coupled gspo", "penalized", "reinforce"];

    [Fact]
    public void Cispo_worked_by_hand()
    {
        using var scope = NewDisposeScope();
        var narrow = new CispoLoss(new CispoOptions { EpsilonLow = 0.2, EpsilonHigh = 0.28 });
        var wide = new CispoLoss(new CispoOptions { EpsilonHigh = 4 });

        Assert.Equal([-1, 0.57, -2.56, 0.8], Gradient(narrow, [1, 1.14, 1.56, 0.4], out var narrowLoss), Near);
        Assert.Equal(0.7 - 0.684 + 1.024 - 1.68, narrowLoss, 1e-9);
        Assert.Equal([-1, 1.5, -10, 0.4], Gradient(wide, [1, 3, 9, 0.4], out var wideLoss), Near);
        Assert.Equal(0.7 - 1.8 + 4 - 0.84, wideLoss, 1e-9);
    }

    [Fact]
    public void Clipped_ratio_worked_by_hand()
    {
        using var scope = NewDisposeScope();
        var loss = new ClippedRatioLoss(new ClippedRatioOptions { EpsilonLow = 0.2, EpsilonHigh = 0.2, DualClip = 1.5 });

        var outputs = loss.Evaluate(Input([0, 0, 0], [2, 2, 0.5], [2, -2, 2]));

        Assert.Equal(-2.4 + 3 - 1, outputs.Loss.ToDouble(), 1e-9);
        Assert.Equal([1, 0, 0], FlatTokens.Values(outputs.Clipped_P));
    }

    [Fact]
    public void Reinforce_worked_by_hand()
    {
        using var scope = NewDisposeScope();

        var gradient = Gradient(new ReinforceLoss(), [1, 3, 9, 0.4], out var value);

        Assert.Equal([-1, 0.5, -2, 1], gradient, Near);
        Assert.Equal(0.7 - 0.6 + 0.8 - 2.1, value, 1e-9);
    }

    [Fact]
    public void Cispo_keeps_the_gradient_of_a_clipped_token_and_clipping_drops_it()
    {
        using var scope = NewDisposeScope();

        var cispo = Gradient(new CispoLoss(new CispoOptions { EpsilonHigh = 0.28 }), [5, 5, 5, 5], out _);
        var clipped = Gradient(new ClippedRatioLoss(new ClippedRatioOptions { EpsilonHigh = 0.28 }), [5, 5, 5, 5], out _);

        Assert.Equal([-1.28, 0.64, -2.56, 1.28], cispo, Near);
        Assert.Equal([0, 2.5, 0, 5], clipped, Near);
    }

    [Fact]
    public void Gspo_worked_by_hand()
    {
        using var scope = NewDisposeScope();
        var loss = new GspoLoss(new GspoOptions { EpsilonLow = 0.5, EpsilonHigh = 0.5 });

        // Sequence 0 has the ratio 1.2, sequence 1 the cube root of 8 · 1 · 1 = 2, which is clipped where the advantage is positive.
        var gradient = Gradient(loss, [1.2, 8, 1, 1], out var value);

        Assert.Equal([-1.2, 1, 0, 2], gradient, Near);
        Assert.Equal(-1.2 + 1 - 3 + 2, value, 1e-9);
    }

    [Fact]
    public void Both_gradients_of_gspo_agree_where_a_sequence_has_one_advantage()
    {
        using var scope = NewDisposeScope();
        var (perToken, coupled) = (Input(LogProbs, [1.05, 0.9, 1.5, 0.5], [1, -2, -2, -2]), Input(LogProbs, [1.05, 0.9, 1.5, 0.5], [1, -2, -2, -2]));

        Create("gspo").Evaluate(perToken).Loss.backward();
        Create("coupled gspo").Evaluate(coupled).Loss.backward();

        Assert.Equal(FlatTokens.Values(perToken.LogProb_P.grad!), FlatTokens.Values(coupled.LogProb_P.grad!), Near);
    }

    [Fact]
    public void Penalties_worked_by_hand()
    {
        using var scope = NewDisposeScope();
        var input = Input([-1, -2], [Math.Exp(0.5), 1], [0, 0]) with { Entropy_P = tensor([0.4, 0.6], dtype: ScalarType.Float64).requires_grad_(true) };
        var loss = new PenalizedLoss(new ReinforceLoss(), new PenaltyOptions
        {
            KlWeight = 2,
            Kl = new KlOptions { Estimator = KlEstimator.K2 },
            EntropyWeight = 3,
        });

        var outputs = loss.Evaluate(input);
        outputs.Loss.backward();

        Assert.Equal((2 * 0.125) - (3 * 1.0), outputs.Loss.ToDouble(), 1e-9);
        Assert.Equal([1, 0], FlatTokens.Values(input.LogProb_P.grad!), Near);
        Assert.Equal([-3, -3], FlatTokens.Values(input.Entropy_P!.grad!), Near);
    }

    [Fact]
    public void An_entropy_bonus_without_entropies_is_refused()
    {
        using var scope = NewDisposeScope();
        var loss = new PenalizedLoss(new ReinforceLoss(), new PenaltyOptions { EntropyWeight = 1 });

        Assert.Throws<ArgumentException>(() => loss.Evaluate(Input([-1], [1], [1]) with { Entropy_P = null }));
    }

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void Gradient_is_that_of_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        double[] ratios = [1.05, 0.9, 1.5, 0.5];
        var loss = Create(name);

        var gradient = Gradient(loss, ratios, out _);

        for (var token = 0; token < LogProbs.Length; token++)
        {
            var difference = (Shifted(loss, ratios, token, Step) - Shifted(loss, ratios, token, -Step)) / (2 * Step);
            Assert.Equal(difference, gradient[token], 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Order_and_cuts_of_the_tokens_change_nothing(string name)
    {
        using var scope = NewDisposeScope();
        double[] ratios = [1.05, 0.9, 9, 0.5];
        var loss = Create(name);

        var whole = loss.Evaluate(Input(LogProbs, ratios, Gains)).Loss.ToDouble();
        var reversed = loss.Evaluate(Input([.. LogProbs.Reverse()], [.. ratios.Reverse()], [.. Gains.Reverse()]) with { Sequence_P = tensor(new long[] { 0, 0, 0, 1 }) }).Loss.ToDouble();
        var parts = loss.Evaluate(Input(LogProbs[..1], ratios[..1], Gains[..1])).Loss.ToDouble()
            + loss.Evaluate(Input(LogProbs[1..], ratios[1..], Gains[1..])).Loss.ToDouble();

        Assert.Equal(whole, reversed, 1e-12);
        Assert.Equal(whole, parts, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Absurd_ratios_stay_finite(string name)
    {
        using var scope = NewDisposeScope();
        double[] ratios = [1e300, 1e-300, 1, 1];

        var gradient = Gradient(Create(name), ratios, out var value);

        Assert.True(double.IsFinite(value));
        Assert.All(gradient, slope => Assert.True(double.IsFinite(slope)));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Evaluation_leaves_only_its_results_in_the_scope(string name)
    {
        using var scope = NewDisposeScope();
        var input = Input(LogProbs, [1.05, 0.9, 9, 0.5], Gains);
        var before = scope.DisposablesCount;

        Create(name).Evaluate(input);

        Assert.Equal(3, scope.DisposablesCount - before);
    }

    private static IPolicyLoss Create(string name) => name switch
    {
        "cispo" => new CispoLoss(new CispoOptions()),
        "clipped" => new ClippedRatioLoss(new ClippedRatioOptions()),
        "dual clipped" => new ClippedRatioLoss(new ClippedRatioOptions { DualClip = 3 }),
        "gspo" => new GspoLoss(new GspoOptions { EpsilonLow = 0.2, EpsilonHigh = 0.3 }),
        "coupled gspo" => new GspoLoss(new GspoOptions { EpsilonLow = 0.2, EpsilonHigh = 0.3, IsCoupled = true }),
        "penalized" => new PenalizedLoss(new ClippedRatioLoss(new ClippedRatioOptions()), new PenaltyOptions { KlWeight = 0.3, EntropyWeight = 0.1 }),
        _ => new ReinforceLoss(),
    };

    // The importance weight carries no gradient, so a finite difference has to hold it fixed: the old policy moves along.
    private static double Shifted(IPolicyLoss loss, double[] ratios, int token, double by)
    {
        var moved = LogProbs.Select((value, index) => index == token ? value + by : value).ToArray();
        var weightIsFixed = loss is CispoLoss;
        var seen = ratios.Select((ratio, index) => index == token && !weightIsFixed ? ratio * Math.Exp(by) : ratio).ToArray();
        return loss.Evaluate(Input(moved, seen, Gains)).Loss.ToDouble();
    }

    private static double[] Gradient(IPolicyLoss loss, double[] ratios, out double value)
    {
        var input = Input(LogProbs, ratios, Gains);
        var outputs = loss.Evaluate(input);
        outputs.Loss.backward();
        value = outputs.Loss.ToDouble();
        return FlatTokens.Values(input.LogProb_P.grad!);
    }

    private static PolicyLossInput Input(double[] logProbs, double[] ratios, double[] gains) => new()
    {
        LogProb_P = tensor(logProbs, dtype: ScalarType.Float64).requires_grad_(true),
        OldLogProb_P = tensor(logProbs.Zip(ratios, (value, ratio) => value - Math.Log(ratio)).ToArray(), dtype: ScalarType.Float64),
        Advantage_P = tensor(gains, dtype: ScalarType.Float64),
        Weight_P = ones([logProbs.Length], dtype: ScalarType.Float64),
        // The first token is a response of its own.
        Sequence_P = tensor(logProbs.Select((_, token) => logProbs.Length < LogProbs.Length || token == 0 ? 0L : 1L).ToArray()),
        Entropy_P = ones([logProbs.Length], dtype: ScalarType.Float64),
    };

    private static bool Near(double want, double got) => Math.Abs(want - got) < 1e-9;
}
