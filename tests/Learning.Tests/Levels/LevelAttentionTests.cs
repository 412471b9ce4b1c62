// N rows, Q query rows, H query heads, G key/value heads, K head dim
using System.Collections.Immutable;
using Forge.Learning.Model.Attention.Levels;
using Forge.Learning.Model.Attention.Levels.Planning;
using Forge.Learning.Tests.Fused;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Levels;

/// <summary>Attention by a plan's calls against one dense mask, by the kernels' twin in plain operations.</summary>
public sealed class LevelAttentionTests : IDisposable
{
    private const int Heads = 8, KeyValueHeads = 2, HeadDim = 6;

    private static readonly LevelKernels Twin = new(new ReferenceKernel(), null);

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int> ForestsAndRules
    {
        get
        {
            var cases = new TheoryData<int, int>();
            for (var seed = 0; seed < 12; seed++)
            {
                cases.Add(seed, seed % Enum.GetValues<ClosingRule>().Length);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(ForestsAndRules))]
    public void Output_and_gradients_equal_a_dense_mask(int seed, int rule)
    {
        var random = new Random(seed);
        var forest = new ForestRows(Forest.Random(random));

        Compare(forest, Twin, (ClosingRule)rule, ScalarType.Float64, 1e-12, random);
    }

    [Theory]
    [InlineData(ClosingRule.Planned)]
    [InlineData(ClosingRule.Always)]
    [InlineData(ClosingRule.Never)]
    public void Single_precision_stays_within_its_rounding(object rule)
    {
        var random = new Random(5);

        Compare(new ForestRows(Forest.Random(random)), Twin, (ClosingRule)rule, ScalarType.Float32, 2e-5, random);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Queries_that_start_after_keys_equal_a_dense_mask(int seed)
    {
        var random = new Random(seed);
        var ends = Forest.Random(random);

        Compare(new ForestRows(ends, ends.Length / 3), Twin, ClosingRule.Planned, ScalarType.Float64, 1e-12, random);
    }

    [Fact]
    public void Pieces_for_the_dense_kernel_give_the_same()
    {
        const int prefix = 230, branch = 300;
        ImmutableArray<int> ends =
        [
            .. Enumerable.Repeat(prefix + branch + 40, prefix), .. Enumerable.Repeat(prefix + branch, branch),
            .. Enumerable.Repeat(prefix + branch + 40, 40),
        ];
        var costs = new LevelCosts(Heads, KeyValueHeads, HeadDim, HasDense: true) { CallSeconds = 0, DenseFlops = 1e18, BytesPerSecond = 1e18, LeastDenseRows = 64 };
        var plan = LevelPlan.For(new ForestRows(ends), costs, ClosingRule.Always);
        Assert.Contains(plan.OwnCalls, call => call.Kind.IsDense);
        Assert.Contains(plan.PathCalls, call => call.Kind.IsDense);
        Assert.Contains(plan.PathCalls, call => call.RepeatedQueries > 0);

        Compare(new ForestRows(ends), new PlacedPlan(plan, CPU), Twin with { Dense = new ReferenceKernel() }, ScalarType.Float64, 1e-12, new Random(4));
    }

    [Fact]
    public void Half_precision_has_the_error_of_its_rounding()
    {
        var random = new Random(9);
        var forest = new ForestRows(Forest.Random(random));

        Compare(forest, Twin, ClosingRule.Always, ScalarType.BFloat16, 0.03, random);
    }

    [Fact]
    public void Without_gradients_nothing_is_kept()
    {
        var inputs = Inputs(new Random(1), 50, 50, ScalarType.Float32);
        var calls = Calls(new ForestRows(ForestRows.OfSequences([0, 20, 50]).KeyEnd), Twin, ClosingRule.Planned, inputs);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using var output = LevelAttention.Attend(calls, inputs[0].detach(), inputs[1].detach(), inputs[2].detach());

        Assert.False(output.requires_grad);
        Assert.Equal(4, DisposeScopeManager.Statistics.ThreadTotalLiveCount - live);
    }

    public void Dispose() => _scope.Dispose();

    private static LevelCalls Calls(ForestRows forest, LevelKernels kernels, ClosingRule rule, Tensor[] inputs)
        => new(LevelAttention.Plan(forest, kernels, inputs[0], inputs[1], rule), kernels, 0.4);

    private static Tensor[] Inputs(Random random, int queries, int rows, ScalarType dtype)
        =>
        [
            KernelPair.Random(random, dtype, queries, Heads, HeadDim).mul(2).requires_grad_(),
            KernelPair.Random(random, dtype, rows, KeyValueHeads, HeadDim).mul(2).requires_grad_(),
            KernelPair.Random(random, dtype, rows, KeyValueHeads, HeadDim).requires_grad_(),
        ];

    private static void Compare(ForestRows forest, LevelKernels kernels, ClosingRule rule, ScalarType dtype, double tolerance, Random random)
    {
        using var q_QHK = zeros([1, Heads, HeadDim], dtype: dtype);
        using var k_NGK = zeros([1, KeyValueHeads, HeadDim], dtype: dtype);
        Compare(forest, LevelAttention.Plan(forest, kernels, q_QHK, k_NGK, rule), kernels, dtype, tolerance, random);
    }

    private static void Compare(
        ForestRows forest, PlacedPlan plan, LevelKernels kernels, ScalarType dtype, double tolerance, Random random)
    {
        var queries = forest.RowCount - forest.FirstQuery;
        var inputs = Inputs(random, queries, forest.RowCount, dtype);
        Tensor[] exact = [.. inputs.Select(input => input.detach().to_type(ScalarType.Float64).requires_grad_())];
        var slope_QX = KernelPair.Random(random, dtype, queries, Heads * HeadDim);

        var own_QX = LevelAttention.Attend(new LevelCalls(plan, kernels, 0.4), inputs[0], inputs[1], inputs[2]);
        var expected_QX = DenseMask.Attend(forest, exact[0], exact[1], exact[2], 0.4);

        var gradients = autograd.grad([own_QX], inputs, [slope_QX]);
        var expected = autograd.grad([expected_QX], exact, [slope_QX.to_type(ScalarType.Float64)]);
        KernelPair.AssertClose("output", expected_QX, own_QX, tolerance);
        string[] names = ["query gradient", "key gradient", "value gradient"];
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal(dtype, gradients[i].dtype);
            KernelPair.AssertClose(names[i], expected[i], gradients[i], tolerance);
        }
    }
}
