using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;

namespace Forge.Rollout.Bench;

/// <summary>
/// Measures generated tokens per second, end to end: prompts (all different) handed in at once to the real engine, prefill included,
/// until the last completion is back.
/// </summary>
public sealed class RolloutBench
{
    /// <summary>The sizes of the repository's speed comparisons.</summary>
    public static ImmutableArray<int> ReferenceSequences { get; } = [1, 8, 32, 64];

    /// <summary>The policy's sizes; its weights are random.</summary>
    public M2Config Config { get; init; } = RandomPolicy.ReferenceConfig;

    public int PromptTokens { get; init; } = 128;

    public int NewTokens { get; init; } = 128;

    /// <summary>Runs per row, of which the median counts; one more warms up.</summary>
    public int Runs { get; init; } = 7;

    /// <summary>Most threads of a step; 0 is one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Measures one row per number of sequences.</summary>
    public async Task<IReadOnlyList<RolloutBenchRow>> RunAsync(IEnumerable<int> sequences, CancellationToken cancellationToken)
    {
        var rows = new List<RolloutBenchRow>();
        foreach (var count in sequences)
        {
            rows.Add(await MeasureAsync(count, cancellationToken));
        }

        return rows;
    }

    private async Task<RolloutBenchRow> MeasureAsync(int sequences, CancellationToken cancellationToken)
    {
        var options = new RolloutOptions
        {
            Slots = sequences,
            SharedPrefixes = 0,
            MaxContext = PromptTokens + NewTokens,
            Threads = Threads,
        };
        using var engine = RolloutHost.CreateEngine(options, Config, TimeProvider.System);
        await engine.PublishAsync(RandomPolicy.Create(Config, PolicyVersion.Initial, seed: 1), cancellationToken);
        var speeds = new List<double>();
        for (var run = 0; run <= Runs; run++)
        {
            var start = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(Requests(sequences, run).Select(request => engine.GenerateAsync(request, cancellationToken)));
            speeds.Add(sequences * NewTokens / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }

        var measured = speeds.Skip(1).Order().ToList();
        return new RolloutBenchRow(sequences, PromptTokens, NewTokens, measured[measured.Count / 2], measured[^1]);
    }

    private GenerationRequest[] Requests(int sequences, int run)
    {
        var random = new Random(run);
        return
        [
            .. Enumerable.Range(0, sequences).Select(index => new GenerationRequest
            {
                Id = new CompletionId($"bench-{run}-{index}"),
                Session = new EpisodeId($"bench-{run}-{index}"),
                Turn = 0,
                PromptIds = [.. Enumerable.Range(0, PromptTokens).Select(_ => random.Next(Config.VocabSize))],
                Sampling = new SamplingParameters { Seed = (ulong)index, MaxNewTokens = NewTokens },
            }),
        ];
    }
}
