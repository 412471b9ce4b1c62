using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Forge.Hosting.Injection;

/// <summary>Stands between a service and those who call it, and passes everything on until it is told to cut, delay or stall.</summary>
/// <param name="path">The socket file that callers connect to.</param>
/// <param name="target">The service's own socket file.</param>
public sealed class SocketProxy(string path, string target) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Socket[]> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private volatile TaskCompletionSource? _stalled;
    private volatile bool _refuses;
    private long _delayTicks;
    private Task _accepting = Task.CompletedTask;

    public void Start()
    {
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(256);
        _accepting = AcceptAsync();
    }

    /// <summary>Cuts every connection, and each new one, for a while.</summary>
    public async Task CutAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        _refuses = true;
        try
        {
            CloseAll();
            await Task.Delay(lasts, cancellationToken);
        }
        finally
        {
            _refuses = false;
        }
    }

    /// <summary>Holds everything back by <paramref name="delay"/> for a while.</summary>
    public async Task DelayAsync(TimeSpan delay, TimeSpan lasts, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _delayTicks, delay.Ticks);
        try
        {
            await Task.Delay(lasts, cancellationToken);
        }
        finally
        {
            Interlocked.Exchange(ref _delayTicks, 0);
        }
    }

    /// <summary>Passes nothing on for a while.</summary>
    public async Task StallAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stalled = stalled;
        try
        {
            await Task.Delay(lasts, cancellationToken);
        }
        finally
        {
            _stalled = null;
            stalled.SetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        CloseAll();
        await _accepting;
        File.Delete(path);
        _stop.Dispose();
    }

    private void CloseAll()
    {
        foreach (var socket in _connections.Values.SelectMany(pair => pair))
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        var service = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var id = Guid.NewGuid();
        try
        {
            if (!_refuses)
            {
                await service.ConnectAsync(new UnixDomainSocketEndPoint(target), _stop.Token);
                _connections[id] = [caller, service];
                await Task.WhenAll(PumpAsync(caller, service), PumpAsync(service, caller));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The service is away: its caller sees the connection end.
        }
        finally
        {
            _connections.TryRemove(id, out _);
            caller.Dispose();
            service.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
            {
                await HoldAsync();
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the other.
            from.Dispose();
            to.Dispose();
        }
    }

    private async Task HoldAsync()
    {
        if (_stalled is { } stalled)
        {
            await stalled.Task.WaitAsync(_stop.Token);
        }

        if (Interlocked.Read(ref _delayTicks) is var delay and > 0)
        {
            await Task.Delay(TimeSpan.FromTicks(delay), _stop.Token);
        }
    }
}
