// R rows of a case, flattened; V vocabulary

using System.Text.Json;
using Forge.Learning.Fused;
using Forge.Learning.Model;
using Forge.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Losses;

/// <summary>Every case of golden/rl_math/entropy.json, by both sets of kernels: with the identity as LM head, hidden rows are the logits.</summary>
public sealed class EntropyGoldenTests
{
    private static readonly RlMathGolden Entropy = RlMathGolden.Load("entropy");

    public static TheoryData<string, bool> Ids
        => new(Entropy.Ids("entropy").SelectMany(id => new[] { (id, false), (id, true) }));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Peers_values_and_gradients_are_met(string id, bool fused)
    {
        using var scope = NewDisposeScope();
        var golden = Entropy.Find(id);
        var width = golden.Output.GetProperty("logits")[0][0].GetArrayLength();
        var logits_RV = tensor(Flat(golden, "logits"), dtype: ScalarType.Float64).view(-1, width).requires_grad_(true);
        var labels_R = tensor(Flat(golden, "labels").Select(label => (long)label).ToArray());
        var mask_R = tensor(Flat(golden, "mask"), dtype: ScalarType.Float64);
        ModelKernels kernels = fused ? new FusedKernels() : new ModelKernels();

        var scores = kernels.Score(logits_RV, eye(width, dtype: ScalarType.Float64), null, labels_R, 1, entropyGradient: true);
        var loss = (scores.Entropy_M * mask_R).sum() / mask_R.sum();
        var entropyGradient_RV = autograd.grad([loss], [logits_RV], retain_graph: true)[0];
        var logProbGradient_RV = autograd.grad([(scores.LogProb_M * mask_R).sum()], [logits_RV])[0];

        AssertNear("entropy", scores.Entropy_M);
        AssertNear("log_prob", scores.LogProb_M);
        Assert.Null(golden.Difference("entropy_loss", loss.ToDouble(), golden.Expected("entropy_loss")));
        AssertNear("grad_logits_of_entropy_loss", entropyGradient_RV);
        AssertNear("grad_logits_of_masked_log_prob_sum", logProbGradient_RV);

        void AssertNear(string name, Tensor values)
            => Assert.Null(golden.Difference(name, FlatTokens.Values(values.detach()), Flat(golden, name)));
    }

    private static double[] Flat(RlMathCase golden, string name) => [.. Numbers(golden.Output.GetProperty(name))];

    private static IEnumerable<double> Numbers(JsonElement element)
        => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(Numbers) : [RlMathGolden.Number(element)];
}
