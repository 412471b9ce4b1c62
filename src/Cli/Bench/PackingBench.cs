using System.Collections.Immutable;
using Forge.Core.Packing;

namespace Forge.Cli.Bench;

/// <summary>Measures how fast samples are packed: a million fed tokens of each set of samples, by each packer.</summary>
internal sealed class PackingBench
{
    private const int Vocabulary = 200_000;

    /// <summary>Fed tokens of each set of samples, at least.</summary>
    public int Tokens { get; init; } = 1_000_000;

    /// <summary>Runs per row, of which the median counts; one more warms up.</summary>
    public int Runs { get; init; } = 7;

    /// <summary>Measures one row per set of samples, packer and row budget.</summary>
    public IReadOnlyList<PackingBenchRow> Run(TimeProvider time, CancellationToken cancellationToken)
    {
        (string Name, Func<Random, int, TrainingSample[]> Make)[] sets =
        [
            ("groups of 16, prompt 2048, response 512", (random, group) => Group(random, group, 16, prompt: 2048, response: 512)),
            ("agents of 40 turns of 256, prompt 2048", (random, group) => Agent(random, group, turns: 40, prompt: 2048, turn: 256)),
            ("single completions, prompt 512, response 512", (random, group) => Group(random, group, 1, prompt: 512, response: 512)),
        ];
        var rows = new List<PackingBenchRow>();
        foreach (var (name, make) in sets)
        {
            var samples = Samples(make);
            rows.Add(Measure(name, "tree", new TreePacker(), samples, int.MaxValue, time, cancellationToken));
            rows.Add(Measure(name, "tree", new TreePacker(), samples, 16_384, time, cancellationToken));
            rows.Add(Measure(name, "episode", new EpisodePacker(), samples, 16_384, time, cancellationToken));
            rows.Add(Measure(name, "none", new CompletionPacker(), samples, 16_384, time, cancellationToken));
        }

        return rows;
    }

    private PackingBenchRow Measure(
        string set, string merge, ISamplePacker packer, TrainingSample[] samples, int budget, TimeProvider time, CancellationToken cancellationToken)
    {
        var batches = packer.Pack(samples, budget);
        var seconds = new List<double>();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < Runs; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = time.GetTimestamp();
            packer.Pack(samples, budget);
            seconds.Add(time.GetElapsedTime(start).TotalSeconds);
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;
        return new PackingBenchRow(
            set,
            merge,
            budget == int.MaxValue ? null : budget,
            samples.Sum(sample => (long)sample.ForwardTokens),
            batches.Sum(batch => (long)batch.TokenCount),
            batches.Length,
            batches.Sum(batch => batch.Cuts.Length - 1),
            seconds.Order().ElementAt(seconds.Count / 2),
            bytes);
    }

    private TrainingSample[] Samples(Func<Random, int, TrainingSample[]> make)
    {
        var random = new Random(1);
        var samples = new List<TrainingSample>();
        var tokens = 0L;
        for (var group = 0; tokens < Tokens; group++)
        {
            var added = make(random, group);
            samples.AddRange(added);
            tokens += added.Sum(sample => (long)sample.ForwardTokens);
        }

        return [.. samples];
    }

    private static TrainingSample[] Group(Random random, int group, int count, int prompt, int response)
    {
        var ids = Draw(random, prompt);
        return [.. Enumerable.Range(0, count).Select(number => new TrainingSample((group * count) + number, ids, Draw(random, response)))];
    }

    // Half of a turn is the response, half the observation that follows it.
    private static TrainingSample[] Agent(Random random, int chain, int turns, int prompt, int turn)
    {
        var history = Draw(random, prompt + (turns * turn));
        return [.. Enumerable.Range(0, turns).Select(number => prompt + (number * turn)).Select(length => new TrainingSample(
            chain, history[..length], history[length..(length + (turn / 2))]))];
    }

    private static ImmutableArray<int> Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
}
