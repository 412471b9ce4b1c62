using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class ScoreTests
{
    [Fact]
    public void Score_is_the_log_softmax_of_tempered_logits()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        var hidden_ND = randn([3, model.Config.HiddenSize], dtype: ScalarType.Float64, device: TinyModel.Device);
        var targets = new long[] { 4, 0, 60 };

        var scores = model.Score(hidden_ND, tensor(targets, device: TinyModel.Device), temperature: 0.7);

        var logits = TinyModel.Values(model.Logits(hidden_ND));
        for (var row = 0; row < 3; row++)
        {
            var tempered = logits.Skip(row * 61).Take(61).Select(logit => logit / 0.7).ToArray();
            var logSum = Math.Log(tempered.Sum(Math.Exp));
            var entropy = tempered.Sum(logit => -Math.Exp(logit - logSum) * (logit - logSum));
            Assert.Equal(tempered[targets[row]] - logSum, TinyModel.Values(scores.LogProb_M)[row], 12);
            Assert.Equal(entropy, TinyModel.Values(scores.Entropy_M)[row], 12);
        }
    }

    [Fact]
    public void Score_of_zero_rows_is_uniform()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        var hidden_ND = zeros([1, model.Config.HiddenSize], device: TinyModel.Device);

        var scores = model.Score(hidden_ND, tensor(new long[] { 5 }, device: TinyModel.Device));

        Assert.Equal(-Math.Log(61), TinyModel.Values(scores.LogProb_M)[0], 5);
        Assert.Equal(Math.Log(61), TinyModel.Values(scores.Entropy_M)[0], 5);
        Assert.False(scores.Entropy_M.requires_grad);
        Assert.True(scores.LogProb_M.requires_grad);
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
}
