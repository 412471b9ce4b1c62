using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>The responses of a call, as they arrive. One reader at a time.</summary>
internal sealed class ClientStreamReader<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly Task<bool> False = Task.FromResult(false);

    private Task<HttpResponseMessage>? _response;
    private ResponseReader? _reader;
    private TResponse? _current;
    private bool _finished;
    private int _reading;

    public TResponse Current => _current ?? throw new InvalidOperationException("No message: MoveNext was not called, or it returned false.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");
        }

        if (_finished)
        {
            _reading = 0;
            return call.GetStatus().StatusCode == StatusCode.OK ? False : Task.FromException<bool>(call.EndException());
        }

        var moved = _reader is null ? OpenAsync() : _reader.MoveNextAsync(call.Token);
        // Messages that have arrived cost no task.
        return moved.IsCompletedSuccessfully && !call.HasEnded ? Moved(moved.Result) : AwaitAsync(moved, cancellationToken);
    }

    internal void Begin(Task<HttpResponseMessage> response)
    {
        _response = response;
        // A call that nobody reads must end too.
        _ = response.ContinueWith(
            static (failed, state) => ((ClientCall)state!).Failure(failed.Exception!.InnerException!),
            call,
            CancellationToken.None,
            TaskContinuationOptions.NotOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async ValueTask<bool> OpenAsync()
    {
        _reader = call.Read(await _response!.ConfigureAwait(false));
        return await _reader.MoveNextAsync(call.Token).ConfigureAwait(false);
    }

    private async Task<bool> AwaitAsync(ValueTask<bool> moving, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((ClientCall)state!).Cancel(new Status(StatusCode.Cancelled, "Call canceled by the client.")), call);
        bool moved;
        try
        {
            moved = await moving.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            var end = Failed(failure);
            Volatile.Write(ref _reading, 0);
            throw end;
        }

        return await Moved(moved).ConfigureAwait(false);
    }

    private Task<bool> Moved(bool toMessage)
    {
        try
        {
            if (toMessage)
            {
                _current = call.Take(_reader!);
                return True;
            }

            var response = _response!.Result;
            var status = call.EndWithTrailers(response);
            Finish();
            response.Dispose();
            return status.StatusCode == StatusCode.OK ? False : Task.FromException<bool>(call.EndException());
        }
        catch (Exception failure)
        {
            return Task.FromException<bool>(Failed(failure));
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    private Exception Failed(Exception failure)
    {
        Finish();
        return call.Failure(failure);
    }

    private void Finish()
    {
        _finished = true;
        _current = null;
        _reader?.Dispose();
    }
}
