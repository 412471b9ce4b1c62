using System.Collections.Concurrent;
using System.Diagnostics;
using Forge.Contracts.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>One stream while it is served: starts its calls, and sends each answer when it is there.</summary>
internal sealed class ServedStream : IDisposable
{
    private static readonly ActivitySource Source = new("Microsoft.AspNetCore");

    private readonly ConcurrentDictionary<long, CancellationTokenSource> _running = new();
    private readonly StreamedMethods _methods;
    private readonly ServerCallContext _context;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots;
    private readonly int _most;
    private readonly Outbox<StreamedAnswer> _outbox;
    private volatile bool _isEnding;

    /// <param name="methods">What can be called.</param>
    /// <param name="answers">The stream's other half.</param>
    /// <param name="context">The stream's.</param>
    /// <param name="limits">How many calls run at once; more wait in the connection.</param>
    /// <param name="time">The clock of deadlines.</param>
    public ServedStream(StreamedMethods methods, IServerStreamWriter<AnswerBatch> answers, ServerCallContext context, StreamLimits limits, TimeProvider time)
    {
        (_methods, _context, _time, _most) = (methods, context, time, limits.Running);
        _slots = new SemaphoreSlim(_most);
        _outbox = new Outbox<StreamedAnswer>(
            items => answers.WriteAsync(new AnswerBatch { Answers = { items.Where(item => item.Number > 0) }, IsEnding = _isEnding }), limits.Outbox, time);
    }

    /// <summary>Starts every call of a message, as soon as there is room for it.</summary>
    public async Task StartAsync(CallBatch batch)
    {
        foreach (var call in batch.Calls)
        {
            if (call.IsGivenUp)
            {
                GiveUp(call.Number);
                continue;
            }

            await _slots.WaitAsync(_context.CancellationToken);
            _ = ServeAsync(call);
        }
    }

    /// <summary>Tells the caller that the service is going.</summary>
    public void SayEnding()
    {
        _isEnding = true;
        _outbox.Add(new StreamedAnswer(), 0);
    }

    /// <summary>Returns when every call is answered.</summary>
    public async Task FinishAsync()
    {
        for (var slot = 0; slot < _most; slot++)
        {
            await _slots.WaitAsync(_context.CancellationToken);
        }

        await _outbox.FlushAsync();
    }

    public void Dispose()
    {
        foreach (var call in _running.Keys)
        {
            GiveUp(call);
        }
    }

    private void GiveUp(long number)
    {
        if (_running.TryGetValue(number, out var call))
        {
            try
            {
                call.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has just been answered.
            }
        }
    }

    private async Task ServeAsync(StreamedCall call)
    {
        var answer = new StreamedAnswer { Number = call.Number };
        try
        {
            answer.Response = await CallAsync(call);
        }
        catch (RpcException error)
        {
            (answer.Status, answer.Detail) = ((int)error.StatusCode, error.Status.Detail);
            foreach (var trailer in error.Trailers.Where(trailer => !trailer.IsBinary))
            {
                answer.Trailers[trailer.Key] = trailer.Value;
            }
        }
        catch (InvalidProtocolBufferException error)
        {
            (answer.Status, answer.Detail) = ((int)StatusCode.InvalidArgument, $"The request of {call.Method} can't be read: {error.Message}");
        }
        finally
        {
            _running.TryRemove(call.Number, out _);
            _outbox.Add(answer, answer.Response.Length);
            _slots.Release();
        }
    }

    private async Task<ByteString> CallAsync(StreamedCall call)
    {
        if (_isEnding)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The service is ending and takes no new calls."));
        }

        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(_context.CancellationToken);
        _running[call.Number] = cancelled;
        var timeout = call.TimeoutTicks > 0 ? TimeSpan.FromTicks(call.TimeoutTicks) : (TimeSpan?)null;
        using var timer = timeout is { } wait
            ? _time.CreateTimer(_ => GiveUp(call.Number), null, wait < Longest ? wait : Longest, Timeout.InfiniteTimeSpan)
            : null;
        using var span = call.TraceParent.Length > 0 && ActivityContext.TryParse(call.TraceParent, null, isRemote: true, out var caller)
            ? Source.StartActivity(call.Method, ActivityKind.Server, caller)
            : null;
        var deadline = timeout is { } limit && limit < Longest ? _time.GetUtcNow().UtcDateTime + limit : DateTime.MaxValue;
        return await _methods.Find(call.Method).CallAsync(call.Request, new StreamedCallContext(call, _context, deadline, cancelled.Token));
    }

    // The longest that a timer takes.
    private static TimeSpan Longest { get; } = TimeSpan.FromDays(40);
}
