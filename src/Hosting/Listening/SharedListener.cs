using System.Buffers;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Forge.Hosting.Listening;

/// <summary>Accepts the connections of one cleartext address and hands each to the half whose protocol its first bytes speak.</summary>
/// <param name="transport">Binds the real socket.</param>
/// <param name="endPoint">Where.</param>
/// <param name="time">Bounds the wait for the first bytes.</param>
internal sealed class SharedListener(IConnectionListenerFactory transport, EndPoint endPoint, TimeProvider time) : IAsyncDisposable
{
    // Who has not said a word by then gets no more of our memory. Kestrel's own limit on headers is the same.
    private static readonly TimeSpan FirstBytes = TimeSpan.FromSeconds(30);

    // Silent connections beyond this many wait in the system's backlog.
    private const int MostUndecided = 1024;

    private readonly Channel<ConnectionContext> _http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> _http2 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly SemaphoreSlim _undecided = new(MostUndecided);
    private readonly CancellationTokenSource _unbound = new();
    private readonly SemaphoreSlim _binding = new(1);
    private IConnectionListener? _listener;

    /// <summary>The address; with the port that the system chose, once it is bound.</summary>
    public EndPoint EndPoint => _listener?.EndPoint ?? endPoint;

    /// <summary>The first half binds the socket, the second joins it.</summary>
    public async ValueTask<IConnectionListener> BindAsync(SplitEndPoint half, CancellationToken cancellationToken)
    {
        await _binding.WaitAsync(cancellationToken);
        try
        {
            if (_listener is null)
            {
                _listener = await transport.BindAsync(endPoint, cancellationToken);
                _ = Task.Run(AcceptAsync, CancellationToken.None);
            }
        }
        finally
        {
            _binding.Release();
        }

        return new SplitListener(this, half, half.IsHttp2 ? _http2.Reader : _http1.Reader);
    }

    /// <summary>Stops accepting, for both halves.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        if (_listener is not null)
        {
            await _unbound.CancelAsync();
            await _listener.UnbindAsync(cancellationToken);
            _http1.Writer.TryComplete();
            _http2.Writer.TryComplete();
        }
    }

    public ValueTask DisposeAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AcceptAsync()
    {
        try
        {
            while (await _listener!.AcceptAsync(CancellationToken.None) is { } connection)
            {
                await _undecided.WaitAsync(_unbound.Token);
                _ = DecideAsync(connection);
            }

            _http1.Writer.TryComplete();
            _http2.Writer.TryComplete();
        }
        catch (OperationCanceledException)
        {
            // Unbound while too many were silent.
        }
        catch (Exception error)
        {
            // Kestrel reports what its accept loop throws, and stops.
            _http1.Writer.TryComplete(error);
            _http2.Writer.TryComplete(error);
        }
    }

    private async Task DecideAsync(ConnectionContext connection)
    {
        var accepted = false;
        try
        {
            using var limit = new CancellationTokenSource(FirstBytes, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _unbound.Token);
            var half = await SpeaksHttp2Async(connection, end.Token) ? _http2 : _http1;
            accepted = half.Writer.TryWrite(connection);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ConnectionAbortedException or ConnectionResetException)
        {
            // It said nothing in time, or went away first.
        }
        finally
        {
            _undecided.Release();
            if (!accepted)
            {
                connection.Abort();
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>Looks at the first bytes and leaves them where they are.</summary>
    private static async Task<bool> SpeaksHttp2Async(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var verdict = ConnectionPreface.IsHttp2(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, ConnectionPreface.Length)).ToArray());
            if (verdict is { } known || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                return verdict ?? false;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
