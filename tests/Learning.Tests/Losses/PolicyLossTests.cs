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

    public static TheoryData<string> Losses => ["cispo", "clipped", "dual clipped", "reinforce"];

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

    [Theory]
    [MemberData(nameof(Losses))]
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
        var reversed = loss.Evaluate(Input([.. LogProbs.Reverse()], [.. ratios.Reverse()], [.. Gains.Reverse()])).Loss.ToDouble();
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
        Trajectory_P = zeros([logProbs.Length], dtype: ScalarType.Int64),
    };

    private static bool Near(double want, double got) => Math.Abs(want - got) < 1e-9;
}
