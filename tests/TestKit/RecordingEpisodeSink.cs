using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>A pool that only remembers.</summary>
public sealed class RecordingEpisodeSink : IEpisodeSink
{
    private readonly Lock _lock = new();
    private readonly List<Completion> _completions = [];
    private readonly List<EpisodeResult> _results = [];
    private readonly List<(int Results, TaskCompletionSource Reached)> _waiting = [];

    public IReadOnlyCollection<Completion> Completions
    {
        get
        {
            lock (_lock)
            {
                return [.. _completions];
            }
        }
    }

    public IReadOnlyCollection<EpisodeResult> Results
    {
        get
        {
            lock (_lock)
            {
                return [.. _results];
            }
        }
    }

    /// <summary>Completes when so many results were posted.</summary>
    public Task ResultsAsync(int count)
    {
        lock (_lock)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            Announce();
            return reached.Task;
        }
    }

    public Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _completions.Add(completion);
            return Task.FromResult(Receipt.Kept);
        }
    }

    public Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _results.Add(result);
            Announce();
            return Task.FromResult(Receipt.Kept);
        }
    }

    private void Announce() => _waiting.FindAll(entry => entry.Results <= _results.Count).ForEach(entry => entry.Reached.TrySetResult());
}
