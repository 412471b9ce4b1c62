using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Checking;

namespace Forge.Cli.History;

/// <summary>Notes which records were sent, and which of them the pool said it keeps.</summary>
internal sealed class WitnessedSink(IEpisodeSink inner, HistoryLog log) : IEpisodeSink
{
    public Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
        => SendAsync(HistoryEvent.Record, completion.Id.Value, () => inner.RecordAsync(completion, cancellationToken));

    /// <inheritdoc/>
    /// <remarks>A broken episode is replaced, and its result is not promised to stay.</remarks>
    public Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
        => result.IsBroken
            ? inner.FinishAsync(result, cancellationToken)
            : SendAsync(HistoryEvent.Finish, result.Episode.Value, () => inner.FinishAsync(result, cancellationToken));

    private async Task<Receipt> SendAsync(HistoryEvent kind, string id, Func<Task<Receipt>> send)
    {
        _ = log.AppendAsync(new HistoryLine { Event = kind, Id = id });
        var receipt = await send();
        if (receipt is Receipt.Kept or Receipt.Duplicate)
        {
            await log.AppendAsync(new HistoryLine { Event = kind, Id = id, IsAcknowledged = true });
        }

        return receipt;
    }
}
