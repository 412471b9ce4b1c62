using System.Collections.Concurrent;
using System.Diagnostics;
using Forge.Contracts.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>One open stream and the calls that wait on it. Safe for concurrent use.</summary>
/// <remarks>
/// A call that was on its way when the stream broke may have been done: it fails as interrupted. When no stream came about, calls fail with the
/// reason for that, which says whether anybody can have seen them.
/// </remarks>
internal sealed class CallStream
{
    private readonly ConcurrentDictionary<long, PendingCall> _pending = new();
    private readonly AsyncDuplexStreamingCall<CallBatch, AnswerBatch> _stream;
    private readonly Outbox<StreamedCall> _outbox;
    private readonly Lock _lock = new();
    private long _numbers;
    private RpcException? _end;
    private bool _isEnding;
    private bool _isClosing;

    public CallStream(CallStreamService.CallStreamServiceClient client, OutboxLimits limits, TimeProvider time)
    {
        // The stream outlives the call that opens it, and is no part of that call's trace.
        using (ExecutionContext.SuppressFlow())
        {
            _stream = client.Exchange();
            _outbox = new Outbox<StreamedCall>(calls => _stream.RequestStream.WriteAsync(new CallBatch { Calls = { calls } }), limits, time);
            _ = ReadAsync();
        }
    }

    /// <summary>False when the stream takes no calls any more: the next belong on a new one.</summary>
    public bool IsOpen => !Volatile.Read(ref _isEnding) && Volatile.Read(ref _end) is null;

    public void Send<TRequest, TResponse>(Method<TRequest, TResponse> method, CallOptions options, byte[] request, TimeSpan? timeout, PendingCall call)
        where TRequest : class
        where TResponse : class
    {
        var number = Interlocked.Increment(ref _numbers);
        _pending[number] = call;
        call.Watch(() => GiveUp(number), options.CancellationToken);
        _ = call.Answer.ContinueWith(
            (_, state) => ((CallStream)state!).Forget(number), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (Volatile.Read(ref _end) is { } end)
        {
            call.Fail(end);
            return;
        }

        Post(new StreamedCall
        {
            Number = number,
            Method = method.FullName,
            Request = UnsafeByteOperations.UnsafeWrap(request),
            TimeoutTicks = timeout?.Ticks ?? 0,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : "",
        });
    }

    /// <summary>Ends the stream; calls under way fail.</summary>
    public void Close() => _stream.Dispose();

    private void Post(StreamedCall call)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _outbox.Add(call, call.Request.Length);
        }
    }

    private void GiveUp(long number) => Post(new StreamedCall { Number = number, IsGivenUp = true });

    private void Forget(long number)
    {
        _pending.TryRemove(number, out _);
        CloseWhenDone();
    }

    private async Task ReadAsync()
    {
        RpcException end;
        try
        {
            while (await _stream.ResponseStream.MoveNext(CancellationToken.None))
            {
                Take(_stream.ResponseStream.Current);
            }

            end = new RpcException(new Status(StatusCode.Unavailable, "the service ended the stream of calls"));
        }
        catch (RpcException error)
        {
            end = HasHeaders() && error.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal
                ? new RpcException(new Status(StatusCode.Unavailable, $"the stream of calls broke: {error.Status.Detail}"))
                : error;
        }
        catch (Exception error) when (error is ObjectDisposedException or InvalidOperationException)
        {
            end = new RpcException(new Status(StatusCode.Unavailable, "the stream of calls was closed"));
        }

        Volatile.Write(ref _end, end);
        foreach (var call in _pending.Values)
        {
            call.Fail(end);
        }

        _stream.Dispose();
    }

    private void Take(AnswerBatch batch)
    {
        foreach (var answer in batch.Answers)
        {
            if (_pending.TryGetValue(answer.Number, out var call))
            {
                call.Succeed(answer);
            }
        }

        if (batch.IsEnding)
        {
            Volatile.Write(ref _isEnding, true);
            CloseWhenDone();
        }
    }

    // Who is told that the service is going waits for the answers that are due, and lets it go.
    private void CloseWhenDone()
    {
        if (!Volatile.Read(ref _isEnding) || !_pending.IsEmpty)
        {
            return;
        }

        lock (_lock)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
        }

        _ = CompleteAsync();
    }

    private async Task CompleteAsync()
    {
        try
        {
            await _outbox.FlushAsync();
            await _stream.RequestStream.CompleteAsync();
        }
        catch (Exception error) when (error is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            // It ended by itself meanwhile, and the reader says how.
        }
    }

    private bool HasHeaders() => _stream.ResponseHeadersAsync is { IsCompletedSuccessfully: true };
}
