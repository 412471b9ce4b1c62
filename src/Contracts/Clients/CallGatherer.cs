using System.Diagnostics;
using Forge.Core.Faults;

namespace Forge.Contracts.Clients;

/// <summary>
/// Makes one call of many: an item goes out at once when no call is under way, otherwise with all that come until the one before is answered.
/// Safe for concurrent use; items leave in the order in which they came.
/// </summary>
/// <param name="send">Makes one call, repeated until it is answered; the answers are aligned to the items.</param>
/// <param name="limits">Of one call.</param>
internal sealed class CallGatherer<TItem, TAnswer>(
    Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TAnswer>>> send, GatherLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Queue<GatheredCall<TItem, TAnswer>> _waiting = new();
    private bool _isSending;

    /// <returns>The item's own answer, or its own fault.</returns>
    public async Task<TAnswer> SendAsync(TItem item, long size, CancellationToken cancellationToken)
    {
        var call = new GatheredCall<TItem, TAnswer>(item, size, cancellationToken);
        if (Enter(call))
        {
            _ = SendWaitingAsync();
        }

        return await call.Answer;
    }

    private bool Enter(GatheredCall<TItem, TAnswer> call)
    {
        lock (_lock)
        {
            _waiting.Enqueue(call);
            return _isSending ? false : _isSending = true;
        }
    }

    private async Task SendWaitingAsync()
    {
        while (Next() is { Count: > 0 } batch)
        {
            Activity.Current = batch[0].Trace;
            await SendAsync(batch);
        }
    }

    private List<GatheredCall<TItem, TAnswer>> Next()
    {
        var batch = new List<GatheredCall<TItem, TAnswer>>();
        var size = 0L;
        lock (_lock)
        {
            while (batch.Count < limits.Items && _waiting.TryPeek(out var next) && (batch.Count == 0 || size + next.Size <= limits.Bytes))
            {
                _waiting.Dequeue();
                if (!next.GivenUp.IsCancellationRequested)
                {
                    batch.Add(next);
                    size += next.Size;
                }
            }

            _isSending = batch.Count > 0;
        }

        return batch;
    }

    // One item's fault must not fail its neighbours: then each goes by itself.
    private async Task SendAsync(List<GatheredCall<TItem, TAnswer>> batch)
    {
        try
        {
            var answers = await CallAsync(batch);
            foreach (var (index, call) in batch.Index())
            {
                call.Succeed(answers[index]);
            }
        }
        catch (Exception) when (batch.Count > 1)
        {
            foreach (var call in batch.Where(call => !call.GivenUp.IsCancellationRequested))
            {
                await SendAsync([call]);
            }
        }
        catch (Exception fault)
        {
            batch[0].Fail(fault);
        }
    }

    private async Task<IReadOnlyList<TAnswer>> CallAsync(List<GatheredCall<TItem, TAnswer>> batch)
    {
        // The call ends early only when nobody waits for it any more.
        using var nobody = new CancellationTokenSource();
        var waiting = batch.Count;
        var registrations = batch.Select(call => call.GivenUp.UnsafeRegister(_ => Leave(), null)).ToArray();
        try
        {
            var answers = await send([.. batch.Select(call => call.Item)], nobody.Token);
            return answers.Count == batch.Count ? answers
                : throw new InfrastructureFaultException(
                    $"A call with {batch.Count} items was answered with {answers.Count} answers; the other side has another version.");
        }
        finally
        {
            foreach (var registration in registrations)
            {
                await registration.DisposeAsync();
            }
        }

        void Leave()
        {
            if (Interlocked.Decrement(ref waiting) == 0)
            {
                nobody.Cancel();
            }
        }
    }
}
