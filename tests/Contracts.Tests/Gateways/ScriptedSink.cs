using System.Collections.Concurrent;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Contracts.Tests.Gateways;

/// <summary>A pool that keeps everything, and answers as a test says.</summary>
internal sealed class ScriptedSink : IEpisodeSink
{
    private readonly ConcurrentQueue<Completion> _completions = new();

    public Func<Completion, CancellationToken, Task<Receipt>> Answer { get; set; } = (_, _) => Task.FromResult(Receipt.Kept);

    public IReadOnlyCollection<Completion> Completions => _completions;

    public async Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        var receipt = await Answer(completion, cancellationToken);
        _completions.Enqueue(completion);
        return receipt;
    }

    public Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken) => Task.FromResult(Receipt.Kept);
}
