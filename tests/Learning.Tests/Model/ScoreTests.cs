using Forge.Learning.Model.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class ScoreTests
{
    [Fact]
    public void Score_is_the_log_softmax_of_tempered_logits()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        var hidden_ND = TinyModel.Random(1, 3, model.Config.HiddenSize);
        var targets = new long[] { 4, 0, 60 };

        var scores = model.Score(hidden_ND, tensor(targets, device: TinyModel.Device), temperature: 0.7);

        var logits = TinyModel.Values(model.Logits(hidden_ND));
        for (var row = 0; row < 3; row++)
        {
            var tempered = logits.Skip(row * 61).Take(61).Select(logit => logit / 0.7).ToArray();
            var logSum = Math.Log(tempered.Sum(Math.Exp));
            var entropy = tempered.Sum(logit => -Math.Exp(logit - logSum) * (logit - logSum));
            Assert.Equal(tempered[targets[row]] - logSum, TinyModel.Values(scores.LogProb_M)[row], 1e-12);
            Assert.Equal(entropy, TinyModel.Values(scores.Entropy_M)[row], 1e-12);
        }
    }

    [Fact]
    public void Score_of_zero_rows_is_uniform()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        var hidden_ND = zeros([1, model.Config.HiddenSize], device: TinyModel.Device);

        var scores = model.Score(hidden_ND, tensor(new long[] { 5 }, device: TinyModel.Device));

        Assert.Equal(-Math.Log(61), TinyModel.Values(scores.LogProb_M)[0], 1e-5);
        Assert.Equal(Math.Log(61), TinyModel.Values(scores.Entropy_M)[0], 1e-5);
        Assert.False(scores.Entropy_M.requires_grad);
        Assert.True(scores.LogProb_M.requires_grad);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3 * 61)]
    [InlineData(1 << 20)]
    public void Gradients_of_edges_are_those_of_a_log_softmax_in_chunks_of_any_size(long logitsPerChunk)
    {
        using var scope = NewDisposeScope();
        var (hidden_ND, head_VD) = (Leaf(5, 8), Leaf(61, 8));
        var rows_M = tensor(new long[] { 0, 0, 1, 1, 1, 2, 4 }, device: TinyModel.Device);
        var targets_M = tensor(new long[] { 3, 60, 3, 0, 7, 7, 9 }, device: TinyModel.Device);
        var weights_M = randn([7], dtype: ScalarType.Float64, device: TinyModel.Device);

        var scores = EdgeScoreFunction.apply(hidden_ND, head_VD, targets_M, rows_M, 0.7, logitsPerChunk);

        var logProbs_MV = hidden_ND.index_select(0, rows_M).matmul(head_VD.t()).div(0.7).log_softmax(-1);
        Tensor[] expected = [logProbs_MV.gather(1, targets_M.unsqueeze(1)).squeeze(1), logProbs_MV.exp().mul(logProbs_MV).sum(-1).neg()];
        Same([.. scores], expected);
        Same(Gradients(scores[0]), Gradients(expected[0]));
        Same(Gradients(scores[1]), Gradients(expected[1]));
        Same(Gradients(scores[0].add(scores[1])), Gradients(expected[0].add(expected[1])));

        Tensor[] Gradients(Tensor output_M)
            => [.. autograd.grad([output_M.mul(weights_M).sum()], [hidden_ND, head_VD], retain_graph: true)];
    }

    [Theory]
    [Trait("Tier", "gpu")]
    [InlineData(1)]
    [InlineData(64 * 2000)]
    public void Scores_and_gradients_of_bf16_are_those_of_fp32_products(long logitsPerChunk)
    {
        Assert.SkipUnless(cuda.is_available(), "There is no CUDA device.");
        using var scope = NewDisposeScope();
        var narrow = new[] { randn([300, 128], device: CUDA), randn([2000, 128], device: CUDA).mul(0.1) }
            .Select(values => values.to_type(ScalarType.BFloat16).requires_grad_()).ToArray();
        var wide = narrow.Select(values => values.detach().to_type(ScalarType.Float64).requires_grad_()).ToArray();
        var targets_N = randint(2000, [300], dtype: ScalarType.Int64, device: CUDA);

        var actual = EdgeScoreFunction.apply(narrow[0], narrow[1], targets_N, null!, 0.7, logitsPerChunk);
        var expected = EdgeScoreFunction.apply(wide[0], wide[1], targets_N, null!, 0.7, logitsPerChunk);
        var gradients = autograd.grad([actual[0].sum()], narrow).Zip(autograd.grad([expected[0].sum()], wide));

        Assert.Equal(ScalarType.Float32, actual[0].dtype);
        Assert.True(TinyModel.MaxDifference(actual[0], expected[0]) < 2e-5);
        Assert.True(TinyModel.MaxDifference(actual[1], expected[1]) < 2e-5);

        // Each entry is rounded to bf16 once, at the end: half of 2⁻⁷ of the largest.
        Assert.All(gradients, pair => Assert.True(
            TinyModel.MaxDifference(pair.First, pair.Second) <= pair.Second.abs().max().ToDouble() / 255));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Score_refuses_a_temperature_that_is_not_positive(double temperature)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        var hidden_ND = zeros([1, model.Config.HiddenSize], device: TinyModel.Device);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => model.Score(hidden_ND, tensor(new long[] { 5 }, device: TinyModel.Device), temperature));
    }

    private static void Same(Tensor[] actual, Tensor[] expected)
        => Assert.All(actual.Zip(expected), pair => Assert.True(TinyModel.MaxDifference(pair.First, pair.Second) < 1e-13));

    private static Tensor Leaf(params long[] shape) => randn(shape, dtype: ScalarType.Float64, device: TinyModel.Device).requires_grad_();
}
