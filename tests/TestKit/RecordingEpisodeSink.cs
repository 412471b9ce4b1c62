using System.Collections.Concurrent;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>A pool that only remembers.</summary>
public sealed class RecordingEpisodeSink : IEpisodeSink
{
    private readonly ConcurrentQueue<Completion> _completions = new();
    private readonly ConcurrentQueue<EpisodeResult> _results = new();

    public IReadOnlyCollection<Completion> Completions => _completions;

    public IReadOnlyCollection<EpisodeResult> Results => _results;

    public Task RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        _completions.Enqueue(completion);
        return Task.CompletedTask;
    }

    public Task FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        _results.Enqueue(result);
        return Task.CompletedTask;
    }
}
