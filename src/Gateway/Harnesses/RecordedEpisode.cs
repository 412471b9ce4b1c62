using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Gateway.Harnesses;

/// <summary>The completions of one episode that the pool keeps. After it is closed, none is kept any more: rewards are aligned by then.</summary>
internal sealed class RecordedEpisode
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CompletionId, Completion> _kept = [];
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _onTheWay;
    private bool _isClosed;

    public async Task<Receipt> RecordAsync(Completion completion, IEpisodeSink sink, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Receipt.Stale;
            }

            _onTheWay++;
        }

        var receipt = Receipt.Unspecified;
        try
        {
            return receipt = await sink.RecordAsync(completion, cancellationToken);
        }
        finally
        {
            Arrive(completion, receipt);
        }
    }

    public async Task<ImmutableArray<Completion>> CloseAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isClosed = true;
            SettleNeedsLock();
        }

        await _settled.Task.WaitAsync(cancellationToken);
        lock (_lock)
        {
            return [.. _kept.Values];
        }
    }

    private void Arrive(Completion completion, Receipt receipt)
    {
        lock (_lock)
        {
            _onTheWay--;
            if (receipt is Receipt.Kept or Receipt.Duplicate)
            {
                _kept[completion.Id] = completion;
            }

            SettleNeedsLock();
        }
    }

    private void SettleNeedsLock()
    {
        if (_isClosed && _onTheWay == 0)
        {
            _settled.TrySetResult();
        }
    }
}
