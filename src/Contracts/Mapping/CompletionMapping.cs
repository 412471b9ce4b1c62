using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Forge.Core.Ring;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>
/// Maps completions. Versions travel as runs, and log-probabilities that truncation did not change travel once: both come back bit for bit.
/// </summary>
public static class CompletionMapping
{
    public static Wire.Completion ToWire(this Completion completion)
    {
        var wire = new Wire.Completion
        {
            Id = completion.Id.Value,
            Episode = completion.Episode.Value,
            Turn = completion.Turn,
            PromptIds = { completion.PromptIds },
            ResponseIds = { completion.ResponseIds },
            PolicyLogProbs = { completion.PolicyLogProbs },
            OldestKvVersion = completion.OldestKvVersion.Value,
            Sampling = completion.Sampling.ToWire(),
            FinishReason = (Wire.FinishReason)completion.FinishReason,
            RoutedExperts = UnsafeByteOperations.UnsafeWrap(completion.RoutedExperts.AsMemory()),
            Timings = new Wire.CompletionTimings
            {
                QueuedTicks = completion.Timings.Queued.Ticks,
                TimeToFirstTokenTicks = completion.Timings.TimeToFirstToken.Ticks,
                TotalTicks = completion.Timings.Total.Ticks,
                CachedPromptTokens = completion.Timings.CachedPromptTokens,
            },
        };
        if (!SameBits(completion.PolicyLogProbs, completion.BehaviorLogProbs))
        {
            wire.BehaviorLogProbs.AddRange(completion.BehaviorLogProbs);
        }

        AddRuns(wire.TokenVersions, completion.TokenVersions);
        return wire;
    }

    /// <exception cref="InvalidDataException">The message is not whole, or its arrays don't fit each other.</exception>
    public static Completion ToCore(this Wire.Completion wire)
    {
        var tokens = wire.ResponseIds.Count;
        var policy = Aligned(wire.PolicyLogProbs, tokens, wire.Id, "policy_log_probs");
        var timings = WireFields.Required(wire.Timings, $"timings of completion {wire.Id}");
        return new Completion
        {
            Id = new CompletionId(wire.Id),
            Episode = new EpisodeId(wire.Episode),
            Turn = wire.Turn,
            PromptIds = wire.PromptIds.ToImmutable(),
            ResponseIds = wire.ResponseIds.ToImmutable(),
            PolicyLogProbs = policy,
            BehaviorLogProbs = wire.BehaviorLogProbs.Count == 0 ? policy : Aligned(wire.BehaviorLogProbs, tokens, wire.Id, "behavior_log_probs"),
            TokenVersions = Versions(wire.TokenVersions, tokens, wire.Id),
            OldestKvVersion = new PolicyVersion(wire.OldestKvVersion),
            Sampling = WireFields.Required(wire.Sampling, $"sampling of completion {wire.Id}").ToCore(),
            FinishReason = WireFields.Member<FinishReason>((int)wire.FinishReason, $"the finish reason of completion {wire.Id}"),
            RoutedExperts = ImmutableCollectionsMarshal.AsImmutableArray(wire.RoutedExperts.ToByteArray()),
            Timings = new CompletionTimings(
                timings.QueuedTicks.ToTimeSpan(), timings.TimeToFirstTokenTicks.ToTimeSpan(), timings.TotalTicks.ToTimeSpan(), timings.CachedPromptTokens),
        };
    }

    // Not by value: a NaN must come back as that NaN, and -0 as -0.
    private static bool SameBits(ImmutableArray<float> left, ImmutableArray<float> right)
        => MemoryMarshal.AsBytes(left.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(right.AsSpan()));

    private static void AddRuns(RepeatedField<Wire.VersionRun> runs, ImmutableArray<long> versions)
    {
        for (var start = 0; start < versions.Length;)
        {
            var end = start + 1;
            while (end < versions.Length && versions[end] == versions[start])
            {
                end++;
            }

            runs.Add(new Wire.VersionRun { Version = versions[start], Tokens = end - start });
            start = end;
        }
    }

    private static ImmutableArray<float> Aligned(RepeatedField<float> values, int tokens, string id, string field)
        => values.Count == tokens
            ? values.ToImmutable()
            : throw new InvalidDataException($"Completion {id} has {tokens} response ids and {values.Count} {field}; they must be aligned.");

    private static ImmutableArray<long> Versions(RepeatedField<Wire.VersionRun> runs, int tokens, string id)
    {
        // Checked before anything is allocated: a hostile count must not reserve memory.
        if (runs.Any(run => run.Tokens < 1) || runs.Sum(run => (long)run.Tokens) != tokens)
        {
            throw new InvalidDataException($"Completion {id} has {tokens} response ids, but its version runs cover {runs.Sum(run => (long)run.Tokens)}.");
        }

        var versions = new long[tokens];
        var start = 0;
        foreach (var run in runs)
        {
            versions.AsSpan(start, run.Tokens).Fill(run.Version);
            start += run.Tokens;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(versions);
    }
}
