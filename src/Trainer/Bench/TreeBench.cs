using Forge.Core.Packing;
using Forge.Core.Packing.Costs;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Bench;

/// <summary>
/// Measures what merging saves of whole training steps (pack, forward, loss, backward, optimizer), against one sequence per completion
/// and against one per append-only episode.
/// </summary>
/// <remarks>
/// The three take turns, so that a busy moment of the machine meets all; medians count. Sequences beyond <see cref="MostTokens"/> are
/// sampled (<see cref="StratifiedSample"/>) and the rest is counted at their rate.
/// </remarks>
public sealed class TreeBench
{
    // The least of each stratum that is timed.
    private const double SampledFraction = 0.1;

    private const int FixedRuns = 5;

    // A step on next to nothing is the optimizer's.
    private static readonly TreeShape NextToNothing = new("optimizer") { Prompt = 8, Response = 8 };

    /// <summary>The policy's sizes; its weights are random.</summary>
    public required M2Config Policy { get; init; }

    public ModelPlacement Placement { get; init; } = ModelPlacement.CpuFloat32;

    /// <summary>Most rows of a forward and backward pass.</summary>
    public int MicroBatchTokens { get; init; } = 8192;

    /// <summary>Keeps only the input of each layer and computes the rest again in the backward pass, in all ways alike.</summary>
    public bool CheckpointActivations { get; init; }

    /// <summary>Threads of a step on the CPU; 0 is one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Runs of each way, of which the median counts; one more warms up.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>A step of more tokens than this is sampled, except with everything merged.</summary>
    public long MostTokens { get; init; } = 200_000;

    /// <summary>Told what is being measured, for a person who waits.</summary>
    public Action<string> Progress { get; init; } = _ => { };

    /// <summary>Measures tree by tree.</summary>
    public IEnumerable<TreeBenchRow> Run(IEnumerable<StepSamples> trees, TimeProvider time, CancellationToken cancellationToken)
    {
        KernelThreads.Use(Threads);
        using var policy = new BenchPolicy(Policy, Placement, MicroBatchTokens, CheckpointActivations, time);
        var fixedSeconds = FixedSeconds(policy);
        foreach (var tree in trees)
        {
            yield return Measure(tree, policy, fixedSeconds, new AttentionTiming(policy, time), cancellationToken);
        }
    }

    private double FixedSeconds(BenchPolicy policy)
    {
        var samples = NextToNothing.Draw(Policy.VocabSize, seed: 1);
        var seconds = new List<double>();

        // The first step compiles, loads kernels and fills allocators.
        for (var run = 0; run <= FixedRuns; run++)
        {
            seconds.Add(policy.Step(samples, MergeMode.Tree));
        }

        return Medians.Of(seconds.Skip(1));
    }

    private TreeBenchRow Measure(
        StepSamples samples, BenchPolicy policy, double fixedSeconds, AttentionTiming attention, CancellationToken cancellationToken)
    {
        var batches = new TreePacker().Pack(samples.Samples, int.MaxValue);
        var figures = TreeFigures.Of(samples.Samples, batches);
        MergeRun[] runs =
        [
            Make(MergeMode.Tree, samples, figures.Merged, long.MaxValue),
            Make(MergeMode.Episode, samples, figures.PerEpisode, MostTokens),
            Make(MergeMode.None, samples.Apart(), figures.PerCompletion, MostTokens),
        ];

        // Smallest first: the resident set of a process hardly shrinks again.
        var memory = new PeakMemory(Placement.Device);
        foreach (var run in runs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Progress($"{samples.Name}: first run of {run.Merge}{(run.Fraction < 1 ? $", {run.Fraction:0.#%} of its sequences" : "")}");
            run.WarmUp(policy, memory);
        }

        for (var round = 0; round < Runs; round++)
        {
            foreach (var run in runs)
            {
                cancellationToken.ThrowIfCancellationRequested();
                run.Measure(policy);
            }
        }

        return Row(samples, figures, runs, fixedSeconds) with
        {
            Nodes = batches.Sum(NodeCount),
            AttentionTflops = attention.Tflops(batches),
        };
    }

    private TreeBenchRow Row(StepSamples samples, TreeFigures figures, MergeRun[] runs, double fixedSeconds)
    {
        var rates = M2FlopRates.Of(Policy);
        var (versusCompletion, versusEpisode) = (figures.VersusCompletion, figures.VersusEpisode);
        return new TreeBenchRow
        {
            Tree = samples.Name,
            Shape = samples.Description,
            TokensUnique = figures.Merged.Tokens,
            TokensCompletion = figures.PerCompletion.Tokens,
            TokensEpisode = figures.PerEpisode.Tokens,
            IdealVsCompletion = versusCompletion.FlopSpeedup(rates),
            IdealVsEpisode = versusEpisode.FlopSpeedup(rates),
            TokenRatioVsCompletion = versusCompletion.TokenSpeedup,
            TokenRatioVsEpisode = versusEpisode.TokenSpeedup,
            StepSeconds = runs[0].StepSeconds(fixedSeconds),
            StepSecondsEpisode = runs[1].StepSeconds(fixedSeconds),
            StepSecondsCompletion = runs[2].StepSeconds(fixedSeconds),
            TimedFractionEpisode = runs[1].Fraction,
            TimedFractionCompletion = runs[2].Fraction,
            PeakMemoryMb = runs[0].PeakBytes / 1e6,
            PeakMemoryEpisodeMb = runs[1].PeakBytes / 1e6,
            PeakMemoryCompletionMb = runs[2].PeakBytes / 1e6,
        };
    }

    private MergeRun Make(MergeMode merge, StepSamples samples, PassCosts whole, long mostTokens)
    {
        if (whole.Tokens <= mostTokens)
        {
            return new MergeRun(merge, samples) { Scale = 1, Fraction = 1 };
        }

        var (timed, fraction) = Sampled(samples);
        var costs = SamplePackers.For(merge).Pack(timed.Samples, int.MaxValue).Aggregate(default(PassCosts), (sum, batch) => sum + PassCosts.Of(batch));
        var rates = M2FlopRates.Of(Policy);
        return new MergeRun(merge, timed) { Scale = rates.Of(whole) / rates.Of(costs), Fraction = fraction };
    }

    // An episode is taken or left whole: its samples may share a sequence.
    private static (StepSamples Samples, double Fraction) Sampled(StepSamples samples)
    {
        var episodes = samples.Samples.Index().GroupBy(entry => entry.Item.Chain, entry => entry.Index).Select(chain => chain.ToArray()).ToArray();
        int[] lengths = [.. episodes.Select(chain => chain.Sum(index => samples.Samples[index].ForwardTokens))];
        var chosen = StratifiedSample.Choose(lengths, SampledFraction);
        return (samples.Take([.. chosen.SelectMany(episode => episodes[episode])]), (double)chosen.Length / episodes.Length);
    }

    // A node ends where the next row doesn't follow on its path, or where the row has more children than the next row.
    private static int NodeCount(PackedBatch batch)
    {
        var nodes = 1;
        for (var row = 1; row < batch.TokenCount; row++)
        {
            var follows = batch.Positions[row] == batch.Positions[row - 1] + 1;
            var isOnlyChild = !batch.HasBranches || batch.KeyEnd[row] == batch.KeyEnd[row - 1];
            nodes += follows && isOnlyChild ? 0 : 1;
        }

        return nodes;
    }
}
