using System.Diagnostics.CodeAnalysis;

namespace Forge.Gateway.Sessions;

/// <summary>
/// Knows a session's calls by what they ask, so that a client that asks again never has tokens drawn twice. Safe for concurrent use.
/// </summary>
/// <remarks>
/// <code>
/// same call under way                         → wait for its answer
/// answered, no connection got it whole        → the same answer
/// answered, and the client says it asks again → the same answer
/// else                                        → a new answer
/// </code>
/// </remarks>
internal sealed class CallLedger
{
    // An agent asks a handful of things at a time; what is older and delivered nobody asks for again.
    private const int MaxKept = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, GivenCall> _calls = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _order = [];

    /// <summary>Finds the call that this one repeats, else begins it.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="isRetry">Whether the client says that it asks again.</param>
    /// <param name="oldest">Answers begun before are forgotten.</param>
    /// <param name="begin">Begins the work; when it throws, nothing is kept.</param>
    public GivenCall Join(string key, bool isRetry, DateTimeOffset oldest, Func<GivenCall> begin)
    {
        lock (_lock)
        {
            if (TryFind(key, isRetry, oldest, out var call))
            {
                return call;
            }

            call = begin();
            _order.Remove(key);
            _order.AddLast(key);
            _calls[key] = call;
            TrimNeedsLock();
            return call;
        }
    }

    /// <summary>Completes when no call is under way; how each ended is its own matter.</summary>
    public Task SettledAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_calls.Values.Select(call => call.Reply.ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
        }
    }

    private bool TryFind(string key, bool isRetry, DateTimeOffset oldest, [NotNullWhen(true)] out GivenCall? call)
        => _calls.TryGetValue(key, out call)
            && (!call.Reply.IsCompleted
                || (call.Reply.IsCompletedSuccessfully && call.Created >= oldest && (isRetry || !call.IsDelivered)));

    private void TrimNeedsLock()
    {
        for (var node = _order.First; node is not null && _order.Count > MaxKept; node = node.Next)
        {
            if (_calls[node.Value].Reply.IsCompleted)
            {
                _calls.Remove(node.Value);
                _order.Remove(node);
                return;
            }
        }
    }
}
