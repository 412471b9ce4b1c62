using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Evaluation;

/// <summary>Keeps episodes in memory until they are taken: the sink of evaluations, which nothing trains on. Safe for concurrent use.</summary>
public sealed class EpisodeCollector : IEpisodeSink
{
    private readonly ConcurrentDictionary<EpisodeId, ImmutableArray<Completion>> _completions = new();
    private readonly ConcurrentDictionary<EpisodeId, EpisodeResult> _results = new();

    public Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(completion);
        _completions.AddOrUpdate(completion.Episode, [completion], (_, earlier) => earlier.Add(completion));
        return Task.FromResult(Receipt.Kept);
    }

    public Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        _results[result.Episode] = result;
        return Task.FromResult(Receipt.Kept);
    }

    /// <summary>Hands an ended episode over and forgets it.</summary>
    /// <exception cref="KeyNotFoundException">No result was posted for it.</exception>
    public Episode Take(EpisodeId id, GroupId group, int indexInGroup)
    {
        if (!_results.TryRemove(id, out var result))
        {
            throw new KeyNotFoundException($"Episode {id} has not ended.");
        }

        return new Episode(id, group, indexInGroup, _completions.TryRemove(id, out var completions) ? completions : [], result);
    }
}
