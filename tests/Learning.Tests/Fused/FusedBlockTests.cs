// N rows, D model, C choices per row, M scored rows
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Fused;

/// <summary>Every fused sub-block gives the reference's values and gradients, at shapes that fit no vector width.</summary>
public sealed class FusedBlockTests
{
    public static TheoryData<int, ScalarType, double> Cases()
    {
        var cases = new TheoryData<int, ScalarType, double>();
        for (var shape = 0; shape < Shapes.Length; shape++)
        {
            cases.Add(shape, ScalarType.Float64, 1e-10);
            cases.Add(shape, ScalarType.Float32, 1e-5);
        }

        return cases;
    }

    private static readonly M2Config[] Shapes =
    [
        Shape(vocabulary: 61, hidden: 32, heads: 4, keyValueHeads: 2, headDim: 12, rotary: 8, width: 24, experts: 6, choices: 2),
        Shape(vocabulary: 512, hidden: 128, heads: 8, keyValueHeads: 2, headDim: 32, rotary: 16, width: 128, experts: 8, choices: 2),
        Shape(vocabulary: 37, hidden: 20, heads: 3, keyValueHeads: 1, headDim: 6, rotary: 6, width: 7, experts: 40, choices: 3),
        Shape(vocabulary: 65, hidden: 64, heads: 6, keyValueHeads: 6, headDim: 80, rotary: 40, width: 48, experts: 4, choices: 3),
        Shape(vocabulary: 33, hidden: 16, heads: 50, keyValueHeads: 1, headDim: 4, rotary: 2, width: 33, experts: 2, choices: 2),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void AttentionBlock_equals_the_reference(int shape, ScalarType dtype, double tolerance)
    {
        var random = new Random(shape);
        using var pair = new KernelPair(Shapes[shape], dtype, seed: 1);
        var layout = KernelPair.RandomLayout(random, sequences: 9);
        var x_ND = KernelPair.Random(random, dtype, layout.RowCount, Shapes[shape].HiddenSize);

        pair.Compare(
            (model, input) => model.Kernels.AttentionBlock(
                model.Layers[0], input, model.Backbone.Rotary.Angles(layout.Positions(CPU)), layout),
            x_ND,
            random,
            tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ExpertBlock_equals_the_reference(int shape, ScalarType dtype, double tolerance)
    {
        var random = new Random(shape);
        using var pair = new KernelPair(Shapes[shape], dtype, seed: 2);
        var x_ND = KernelPair.Random(random, dtype, 131, Shapes[shape].HiddenSize);

        pair.Compare((model, input) => model.Kernels.ExpertBlock(model.Layers[0], input, null).Output_ND, x_ND, random, tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Score_equals_the_reference_for_rows_scored_never_once_and_often(int shape, ScalarType dtype, double tolerance)
    {
        var random = new Random(shape);
        using var pair = new KernelPair(Shapes[shape], dtype, seed: 3);
        var hidden_ND = KernelPair.Random(random, dtype, 70, Shapes[shape].HiddenSize);
        var rows_M = tensor(Enumerable.Range(0, 111).Select(_ => (long)random.Next(70)).ToArray(), dtype: ScalarType.Int64);
        var targets_M = tensor(Enumerable.Range(0, 111).Select(_ => (long)random.Next(Shapes[shape].VocabSize)).ToArray(), dtype: ScalarType.Int64);

        pair.Compare((model, input) => model.ScoreEdges(input, rows_M, targets_M, 0.7).LogProb_M, hidden_ND, random, tolerance);
        var entropies = new[] { pair.Fused, pair.Reference }.Select(model => model.ScoreEdges(hidden_ND, rows_M, targets_M, 0.7).Entropy_M).ToList();
        KernelPair.AssertClose("entropy", entropies[1], entropies[0], tolerance);
        Assert.False(entropies[0].requires_grad);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Score_carries_the_gradient_of_the_entropy_when_a_loss_is_taken_on_it(int shape, ScalarType dtype, double tolerance)
    {
        var random = new Random(shape);
        using var pair = new KernelPair(Shapes[shape], dtype, seed: 3);
        var hidden_ND = KernelPair.Random(random, dtype, 70, Shapes[shape].HiddenSize);
        var rows_M = tensor(Enumerable.Range(0, 111).Select(_ => (long)random.Next(70)).ToArray(), dtype: ScalarType.Int64);
        var targets_M = tensor(Enumerable.Range(0, 111).Select(_ => (long)random.Next(Shapes[shape].VocabSize)).ToArray(), dtype: ScalarType.Int64);

        pair.Compare((model, input) => model.ScoreEdges(input, rows_M, targets_M, 0.7, entropyGradient: true).Entropy_M, hidden_ND, random, tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Model_equals_the_reference_from_ids_to_log_probabilities(int shape, ScalarType dtype, double tolerance)
    {
        var random = new Random(shape);
        using var pair = new KernelPair(Shapes[shape], dtype, seed: 4);
        var layout = KernelPair.RandomLayout(random, sequences: 7);
        var ids_N = tensor(Enumerable.Range(0, layout.RowCount).Select(_ => (long)random.Next(Shapes[shape].VocabSize)).ToArray(), dtype: ScalarType.Int64);
        var one = ones([1], dtype: dtype);

        Tensor Score(MiniMaxM2ForCausalLM model, Tensor scale)
        {
            var hidden_ND = model.Forward(new ModelInput(ids_N, layout.Positions(CPU), layout));
            return model.Score(hidden_ND, ids_N).LogProb_M.mul(scale);
        }

        // Two layers of fp32 rounding may meet a router's near-tie only in fp32, so that comparison allows more.
        pair.Compare(Score, one, random, dtype == ScalarType.Float64 ? tolerance : 2e-4);
    }

    [Fact]
    public void ExpertBlock_replays_forced_choices_and_routes_rows_with_a_negative_entry()
    {
        var random = new Random(5);
        using var pair = new KernelPair(Shapes[0], ScalarType.Float64, seed: 5);
        var x_ND = KernelPair.Random(random, ScalarType.Float64, 3, 32);
        var forced_NC = tensor(new long[] { 5, 1, -1, 4, 0, 3 }, dtype: ScalarType.Int64).view(3, 2);

        pair.Compare((model, input) => model.Kernels.ExpertBlock(model.Layers[1], input, forced_NC).Output_ND, x_ND, random, 1e-10);
        var (own, expected) = (Route(pair.Fused), Route(pair.Reference));
        Assert.Equal(expected.Choices, own.Choices);
        Assert.Equal([1, 5], own.Choices[..2]);
        Assert.Equal([0, 3], own.Choices[4..]);
        Assert.Equal(expected.Weights, own.Weights, (left, right) => Math.Abs(left - right) < 1e-12);
        Assert.Equal(expected.Logits, own.Logits, (left, right) => Math.Abs(left - right) < 1e-12);

        (long[] Choices, double[] Weights, double[] Logits) Route(MiniMaxM2ForCausalLM model)
        {
            var routing = model.Kernels.ExpertBlock(model.Layers[1], x_ND, forced_NC).Routing;
            return (routing.Choices_NC.data<long>().ToArray(), TinyModel.Values(routing.Weights_NC), TinyModel.Values(routing.Logits_NE));
        }
    }

    [Fact]
    public void ExpertBlock_of_one_choice_gives_the_router_no_gradient()
    {
        var random = new Random(7);
        using var pair = new KernelPair(Shapes[0] with { NumExpertsPerToken = 1 }, ScalarType.Float64, seed: 7);
        var x_ND = KernelPair.Random(random, ScalarType.Float64, 50, 32);

        pair.Compare((model, input) => model.Kernels.ExpertBlock(model.Layers[0], input, null).Output_ND, x_ND, random, 1e-10);
        Assert.All(TinyModel.Values(pair.Fused.Layers[0].Mixture.Router.Gate.Weight_MD.grad!), slope => Assert.Equal(0, slope));
    }

    [Fact]
    public void ExpertBlock_names_a_replayed_expert_that_does_not_exist()
    {
        using var pair = new KernelPair(Shapes[0], ScalarType.Float32, seed: 6);
        var x_ND = zeros(2, 32);
        var forced_NC = tensor(new long[] { 0, 1, 2, 6 }, dtype: ScalarType.Int64).view(2, 2);

        var error = Assert.ThrowsAny<Exception>(() => pair.Fused.Kernels.ExpertBlock(pair.Fused.Layers[0], x_ND, forced_NC));
        Assert.Contains("Row 1 replays expert 6; there are 6.", error.Message, StringComparison.Ordinal);
    }

    private static M2Config Shape(
        int vocabulary, int hidden, int heads, int keyValueHeads, int headDim, int rotary, int width, int experts, int choices)
        => new()
        {
            VocabSize = vocabulary,
            HiddenSize = hidden,
            NumHiddenLayers = 2,
            NumAttentionHeads = heads,
            NumKeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            RotaryDim = rotary,
            IntermediateSize = width,
            NumLocalExperts = experts,
            NumExpertsPerToken = choices,
        };
}
