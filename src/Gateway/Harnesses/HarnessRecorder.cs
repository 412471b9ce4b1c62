using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Harnesses;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Gateway.Harnesses;

/// <summary>
/// Stands before the data pool and remembers what goes there of the episodes that programs play, so that rewards can be aligned to it.
/// Everything else passes. Safe for concurrent use.
/// </summary>
/// <param name="sink">The data pool, or an evaluation's collector.</param>
/// <param name="reader">Reads completions back into messages.</param>
public sealed class HarnessRecorder(IEpisodeSink sink, CompletionReader reader) : IEpisodeSink
{
    private readonly ConcurrentDictionary<EpisodeId, RecordedEpisode> _open = new();

    /// <summary>Remembers the episode's completions from now on.</summary>
    public void Open(EpisodeId episode) => _open.TryAdd(episode, new RecordedEpisode());

    /// <summary>Waits for completions on their way, refuses later ones, and gives what was kept in the order of turns.</summary>
    /// <exception cref="InvalidOperationException">It was never opened.</exception>
    public async Task<ImmutableArray<HarnessCall>> CloseAsync(EpisodeId episode, CancellationToken cancellationToken)
    {
        var recorded = _open.GetValueOrDefault(episode) ?? throw new InvalidOperationException($"Episode {episode} was not opened here.");
        var completions = await recorded.CloseAsync(cancellationToken);
        return [.. completions.OrderBy(completion => completion.Turn).Select(reader.Read)];
    }

    public async Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(completion);
        return _open.TryGetValue(completion.Episode, out var recorded)
            ? await recorded.RecordAsync(completion, sink, cancellationToken)
            : await sink.RecordAsync(completion, cancellationToken);
    }

    public async Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        _open.TryRemove(result.Episode, out _);
        return await sink.FinishAsync(result, cancellationToken);
    }
}
