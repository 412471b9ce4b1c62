using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The requests of a call, as they arrive. One reader at a time.</summary>
internal sealed class ServerStreamReader<T>(ServerCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly Task<bool> False = Task.FromResult(false);

    private T? _current;
    private bool _finished;

    public T Current => _current ?? throw new InvalidOperationException("No message: MoveNext was not called, or it returned false.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_finished)
        {
            return False;
        }

        if (cancellationToken.CanBeCanceled && cancellationToken != call.CancellationToken)
        {
            return MoveNextLinkedAsync(cancellationToken);
        }

        var read = call.Reader.ReadAsync(marshaller, call.CancellationToken);
        return read.IsCompletedSuccessfully ? Moved(read.Result) : AwaitAsync(read);
    }

    private async Task<bool> MoveNextLinkedAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, call.CancellationToken);
        return await AwaitAsync(call.Reader.ReadAsync(marshaller, either.Token)).ConfigureAwait(false);
    }

    private async Task<bool> AwaitAsync(ValueTask<T?> read)
    {
        try
        {
            return await Moved(await read.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (IOException gone) when (call.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The client ended the call.", gone, call.CancellationToken);
        }
    }

    private Task<bool> Moved(T? message)
    {
        _current = message;
        _finished = message is null;
        return _finished ? False : True;
    }
}
