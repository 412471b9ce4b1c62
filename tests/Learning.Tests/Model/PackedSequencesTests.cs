using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model;

public sealed class PackedSequencesTests
{
    [Fact]
    public void Forward_of_packed_sequences_equals_each_alone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        int[][] sequences = [[.. TinyModel.Ids(17, 1)], [.. TinyModel.Ids(1, 2)], [.. TinyModel.Ids(40, 3)]];

        var packed_NV = model.Logits(model.Forward(ModelInput.Pack(sequences, TinyModel.Device)));

        var alone_NV = cat([.. sequences.Select(sequence => TinyModel.Logits(model, sequence))], 0);
        Assert.True(TinyModel.MaxDifference(packed_NV, alone_NV) < 1e-12);
    }

    [Fact]
    public void Gradients_of_packed_sequences_equal_the_sum_of_each_alone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(ScalarType.Float64);
        int[][] sequences = [[.. TinyModel.Ids(9, 1)], [.. TinyModel.Ids(23, 2)]];

        var packed = Gradients(model, [sequences]);

        var apart = Gradients(model, sequences.Select(sequence => new[] { sequence }));
        Assert.All(packed, pair => Assert.True(TinyModel.MaxDifference(pair.Value, apart[pair.Key]) < 1e-11, pair.Key));
    }

    [Fact]
    public void Attend_beyond_one_block_of_queries_equals_the_whole_matrix()
    {
        using var scope = NewDisposeScope();
        var q = TinyModel.Random(1, 1100, 4, 8).cpu();
        var k = TinyModel.Random(2, 1100, 2, 8).cpu();
        var v = TinyModel.Random(3, 1100, 2, 8).cpu();

        var blocks = PackedSequences.FromLengths(1100).Attend(0, q, k, v, 0.3);

        var scores = q.permute(1, 0, 2).matmul(k.repeat_interleave(2, 1).permute(1, 2, 0)).mul(0.3)
            .masked_fill(ones([1100, 1100], dtype: ScalarType.Bool).triu(1), double.NegativeInfinity);
        var whole = scores.softmax(-1).matmul(v.repeat_interleave(2, 1).permute(1, 0, 2)).permute(1, 0, 2).reshape(1100, 32);
        Assert.True(TinyModel.MaxDifference(blocks, whole) < 1e-12);
    }

    [Theory]
    [InlineData]
    [InlineData(0)]
    [InlineData(1, 3)]
    [InlineData(0, 3, 3)]
    [InlineData(0, 3, 2)]
    public void Constructor_refuses_starts_that_do_not_rise_from_zero(params int[] starts)
        => Assert.Throws<ArgumentException>(() => new PackedSequences([.. starts]));

    [Fact]
    public void Forward_refuses_rows_that_the_layout_does_not_have()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create();
        var input = ModelInput.Pack([TinyModel.Ids(5)], TinyModel.Device) with { Layout = PackedSequences.FromLengths(4) };

        var error = Assert.Throws<ArgumentException>(() => model.Forward(input));

        Assert.Contains("layout of 4 rows", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Gradients(MiniMaxM2ForCausalLM model, IEnumerable<int[][]> batches)
    {
        model.zero_grad();
        foreach (var batch in batches)
        {
            model.Forward(ModelInput.Pack(batch, TinyModel.Device)).sin().sum().backward();
        }

        return model.Gradients().ToDictionary(gradient => gradient.Name, gradient => gradient.Value.clone());
    }
}
