using System.Collections.Concurrent;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Gateway.Serving;

/// <summary>Keeps an evaluation's completions until they are handed to the caller; nothing trains on them. Safe for concurrent use.</summary>
internal sealed class CompletionCapture : IEpisodeSink
{
    private readonly ConcurrentDictionary<CompletionId, Completion> _completions = new();

    public Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        _completions[completion.Id] = completion;
        return Task.FromResult(Receipt.Kept);
    }

    public Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken) => Task.FromResult(Receipt.Kept);

    /// <summary>Hands a completion over and forgets it; null when nothing was generated.</summary>
    public Completion? Take(CompletionId id) => _completions.TryRemove(id, out var completion) ? completion : null;
}
