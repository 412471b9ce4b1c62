using Forge.Learning.Losses;
using Forge.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>Every case of golden/rl_math/policy_loss_gspo.json: value and gradient.</summary>
public sealed class GspoGoldenTests
{
    private static readonly RlMathGolden Gspo = RlMathGolden.Load("policy_loss_gspo");

    public static TheoryData<string> Ids => [.. Gspo.Ids("gspo")];

    [Fact]
    public void Every_algorithm_of_the_file_is_checked_here()
        => Assert.Equal(["gspo"], Gspo.Cases.Select(entry => entry.Algorithm).Distinct());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Peers_values_and_gradients_are_met(string id)
    {
        using var scope = NewDisposeScope();
        var golden = Gspo.Find(id);
        var tokens = new FlatTokens(golden);
        var input = tokens.Input(RowWeights.Of(golden));
        var loss = new GspoLoss(new GspoOptions
        {
            EpsilonLow = 1 - golden.Number("ratio_min"),
            EpsilonHigh = golden.Number("ratio_max") - 1,
            LogRatioCap = golden.OptionalNumber("log_ratio_max"),
            IsCoupled = golden.Flag("coupled_gradient"),
        });

        var outputs = loss.Evaluate(IsPerSequence(golden) ? input with { Advantage_P = FirstOfRow(golden) } : input);
        outputs.Loss.backward();

        var isSummed = golden.Output.TryGetProperty("loss", out _);
        var expected = isSummed ? golden.Expected("loss") : golden.ExpectedRows("per_token_loss").Zip(golden.Mask, Trained).Sum();
        Assert.Null(golden.Difference("loss", outputs.Loss.ToDouble(), expected));
        Assert.Null(golden.Difference("gradient", tokens.Gradient(), golden.ExpectedRows(isSummed ? "grad_log_prob" : "grad_log_prob_of_sum")));
        if (golden.Output.TryGetProperty("metrics", out var metrics) && metrics.TryGetProperty("clip_ratio", out var fraction))
        {
            Assert.Null(golden.Difference("clip_ratio", FlatTokens.Values(outputs.Clipped_P).Average(), fraction.GetDouble()));
        }
    }

    private static bool IsPerSequence(RlMathCase golden) => golden.Parameters.TryGetProperty("advantage", out _);

    private static double Trained(double[] row, bool[] mask) => row.Where((_, column) => mask[column]).Sum();

    private static Tensor FirstOfRow(RlMathCase golden)
    {
        var first = golden.Mask.Zip(golden.Rows("advantages")).SelectMany(row => row.First.Where(trained => trained).Select(_ => row.Second[0]));
        return tensor(first.ToArray(), dtype: ScalarType.Float64);
    }
}
