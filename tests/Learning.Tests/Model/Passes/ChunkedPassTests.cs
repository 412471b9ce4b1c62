using Forge.Learning.Model;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model.Passes;

/// <summary>A pass in chunks gives what one pass gives, wherever it is cut.</summary>
public sealed class ChunkedPassTests
{
    private const double Bound = 1e-12;

    public static TheoryData<string, bool, string> Cases()
    {
        var cases = new TheoryData<string, bool, string>();
        foreach (var kernels in ForestCase.Kernels)
        {
            foreach (var cuts in new[] { "none", "one", "random", "every" })
            {
                cases.Add(kernels, false, cuts);
                cases.Add(kernels, true, cuts);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Score_equals_one_pass_in_values_gradients_and_notes(string kernels, bool plain, string cuts)
    {
        using var model = ForestCase.Model(kernels);
        var forest = new ForestCase(seed: 22, plain, largest: 40);
        var (expectedNotes, notes) = (new List<double>(), new List<double>());

        var expected = forest.Run(model, null, expectedNotes);
        var actual = forest.Run(model, forest.Cuts(cuts), notes);

        AssertClose(expected, actual);
        Assert.Equal(expectedNotes.Count, notes.Count);
        Assert.All(expectedNotes.Zip(notes), note => Assert.Equal(note.First, note.Second, Bound));
    }

    [Fact]
    public void Score_of_long_trees_equals_one_pass()
    {
        using var model = ForestCase.Model("fused");
        var forest = new ForestCase(seed: 24, isPlain: false, largest: 1400);

        AssertClose(forest.Run(model, null), forest.Run(model, [0, 90, 700, 1900, forest.RowCount]));
    }

    [Theory]
    [InlineData("fused")]
    [InlineData("reference")]
    public void Score_replays_the_experts_of_its_forward_pass(string kernels)
    {
        using var model = ForestCase.Model(kernels);
        var forest = new ForestCase(seed: 26, isPlain: false, largest: 40);
        var expected = forest.Run(model, null);
        using var scope = NewDisposeScope();
        model.zero_grad();

        var scores = forest.Forward(model, forest.Cuts("random"));
        using (no_grad())
        {
            foreach (var layer in model.Layers)
            {
                layer.Mixture.Bias_E.add_(arange(6, dtype: ScalarType.Float64, device: model.Placement.Device).mul(100)); // would choose the last experts
            }
        }

        forest.Loss(scores).backward();
        var gradients = model.named_parameters().Select(named => (named.Item1, TinyModel.Values(named.Item2.grad!))).ToList();
        AssertClose(expected.Skip(2).ToList(), gradients);
    }

    [Fact]
    public void Score_without_the_sum_of_key_gradients_is_noticed()
    {
        using var model = ForestCase.Model("reference");
        var forest = new ForestCase(seed: 32, isPlain: false, largest: 40) { NewKeySum = (owner, dtype) => new FirstGradient(owner, dtype) };
        var expected = forest.Run(model, null);

        var actual = forest.Run(model, forest.Cuts("every"));

        Assert.Contains(expected.Zip(actual), pair => pair.First.Values.Zip(pair.Second.Values, (a, b) => Math.Abs(a - b)).Max() > 1e-6);
    }

    [Fact]
    public void Score_in_bf16_differs_from_one_pass_by_rounding_only()
    {
        using var model = TinyModel.Create(ScalarType.BFloat16, kernels: new ModelKernels());
        var forest = new ForestCase(seed: 30, isPlain: false, largest: 60) { ForcesAllExperts = true };

        var expected = forest.Run(model, null);
        var actual = forest.Run(model, forest.Cuts("random"));

        foreach (var ((name, left), (_, right)) in expected.Zip(actual))
        {
            var difference = Math.Sqrt(left.Zip(right, (a, b) => (a - b) * (a - b)).Sum() / left.Sum(value => value * value));
            Assert.True(difference < 0.04, $"{name}: relative difference {difference:e2}.");
        }
    }

    [Theory]
    [InlineData(0, 5, 5, 0)]
    [InlineData(1, 5, 9, 0)]
    [InlineData(0, 5, 9, -1)]
    public void Score_refuses_cuts_that_do_not_rise_from_0_to_the_number_of_rows(int first, int second, int third, int beyond)
    {
        using var model = TinyModel.Create();
        var forest = new ForestCase(seed: 29, isPlain: true, largest: 40);
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => forest.Forward(model, [first, second, third, forest.RowCount + beyond]));

        Assert.Contains($"Cuts must rise from 0 to {forest.RowCount}", error.Message, StringComparison.Ordinal);
    }

    internal static void AssertClose(List<(string Name, double[] Values)> expected, List<(string Name, double[] Values)> actual)
    {
        Assert.Equal(expected.Select(entry => entry.Name), actual.Select(entry => entry.Name));
        foreach (var ((name, left), (_, right)) in expected.Zip(actual))
        {
            var scale = left.Max(Math.Abs);
            var difference = left.Zip(right, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(difference <= Bound * scale, $"{name}: differs by {difference:e2} of {scale:e2}.");
        }
    }
}
