using System.Collections.Immutable;
using Forge.Core.Packing;
using Forge.Learning.Model;

namespace Forge.Trainer.Tests.Trees;

/// <summary>
/// Merging changes nothing: in float64, one pass over a prefix tree gives every parameter the gradient that the samples give one by
/// one, for every loss, with mixtures, however the forest is cut.
/// </summary>
public sealed class TreeProofTests
{
    /// <summary>Relative to the parameter's largest gradient: what float64 sums of some hundred terms round to.</summary>
    private const double Bound = 1e-12;

    private const int Whole = 1_000_000;

    public static TheoryData<string, int> LossesAndSeeds
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var loss in LossCase.Names)
            {
                for (var seed = 0; seed < 6; seed++)
                {
                    data.Add(loss.Data, seed);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Shapes => [.. DegenerateForests.Names];

    [Theory]
    [MemberData(nameof(LossesAndSeeds))]
    public void A_merged_pass_has_the_gradients_of_separate_samples(string loss, int seed)
        => Check(new RandomForest(seed).Samples(), loss, seed, samples => new TreePacker().Pack(samples, Whole));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void So_it_is_for_degenerate_forests(string shape)
        => Check(DegenerateForests.Create(shape), "cispo", 3, samples => new TreePacker().Pack(samples, Whole));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(20)]
    public void So_it_is_for_any_token_budget(int budget)
        => Check(new RandomForest(budget) { SampleLimit = 10 }.Samples(), "ppo_dual_clip", budget, samples => new TreePacker().Pack(samples, budget));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void So_it_is_for_any_cut(int seed)
        => Check(new RandomForest(seed).Samples(), "cispo", seed, samples => [.. new TreePacker().Pack(samples, Whole).Select(batch => Cut(batch, seed))]);

    [Fact]
    public void So_it_is_when_every_row_is_a_chunk()
        => Check(
            new RandomForest(11) { SampleLimit = 6 }.Samples(), "grpo", 5,
            samples => [.. new TreePacker().Pack(samples, Whole).Select(batch => batch with { Cuts = [.. Enumerable.Range(0, batch.TokenCount + 1)] })]);

    [Fact]
    public void So_it_is_for_sequences_per_episode_and_per_completion()
    {
        Check(new RandomForest(21).Samples(), "cispo", 1, samples => new EpisodePacker().Pack(samples, 64));
        Check(new RandomForest(22).Samples(), "cispo", 1, samples => new CompletionPacker().Pack(samples, 64));
    }

    [Fact]
    public void A_star_of_thousands_of_leaves_is_one_pass()
    {
        var samples = DegenerateForests.Star(leaves: 2000);
        var batch = Assert.Single(new TreePacker().Pack(samples, Whole));

        Assert.InRange(batch.TokenCount, 4, 4 + 2000);
        Check(samples, "reinforce", 2, _ => [batch]);
    }

    private static void Check(
        IReadOnlyList<TrainingSample> samples, string loss, int seed, Func<IReadOnlyList<TrainingSample>, IReadOnlyList<PackedBatch>> pack)
    {
        foreach (ModelKernels? kernels in new[] { null, new ModelKernels() })
        {
            using var proof = new TreeProof(TinyPolicy.Create(kernels: kernels), samples, LossCase.Create(loss), seed);
            var batches = pack(samples);
            var (error, parameter) = proof.GradientError(batches);

            Assert.True(error <= Bound, FormattableString.Invariant($"{parameter} is off by {error:g3} of its scale ({kernels?.GetType().Name ?? "default"})"));
            Assert.InRange(proof.ScoreError(batches), 0, Bound);
            Assert.InRange(proof.LoadError(batches), 0, 0);
        }
    }

    private static PackedBatch Cut(PackedBatch batch, int seed)
    {
        var random = new Random(seed);
        ImmutableArray<int> inner = [.. Enumerable.Range(1, batch.TokenCount - 1).Where(_ => random.Next(5) == 0)];
        return batch with { Cuts = [0, .. inner, batch.TokenCount] };
    }
}
