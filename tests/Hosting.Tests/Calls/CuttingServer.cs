using System.Buffers.Binary;
using System.Net.Sockets;

namespace Forge.Hosting.Tests.Calls;

/// <summary>Cuts the first connections that are made to it, counting the requests that it got on them; passes later ones on to a real service.</summary>
/// <param name="path">The socket file that callers connect to.</param>
/// <param name="target">The real service's.</param>
/// <param name="cut">How each of the first connections ends.</param>
internal sealed class CuttingServer(string path, string target, params Handshake[] cut) : IAsyncDisposable
{
    private const int PrefaceLength = 24;

    // How long nothing has to come until it counts as nothing: the client writes as soon as it can.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;
    private int _connections;
    private int _requests;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whole requests that came on connections which were cut.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public void Start()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(16);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptAsync(_stop.Token);
                var number = Interlocked.Increment(ref _connections) - 1;
                serving.Add(number < cut.Length ? CutAsync(caller, cut[number]) : PassAsync(caller));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task CutAsync(Socket caller, Handshake how)
    {
        using var stream = new NetworkStream(caller, ownsSocket: true);
        if (how == Handshake.Dropped)
        {
            return;
        }

        byte[] said = how switch
        {
            Handshake.Torn => [0, 0, 6, 4, 0, 0, 0],
            Handshake.Foreign => [.. "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8],
            Handshake.Done => [0, 0, 0, 4, 0, 0, 0, 0, 0],
            _ => [],
        };
        await stream.WriteAsync(said, _stop.Token);
        await ReadAsync(stream);
    }

    private async Task ReadAsync(NetworkStream stream)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            var header = new byte[9];
            await stream.ReadExactlyAsync(new byte[PrefaceLength], quiet.Token);
            while (true)
            {
                quiet.CancelAfter(Quiet);
                await stream.ReadExactlyAsync(header, quiet.Token);
                await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadUInt32BigEndian(header) >> 8], quiet.Token);
                if (IsEndOfRequest(header))
                {
                    Interlocked.Increment(ref _requests);
                    return;
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // Nothing more comes.
        }
    }

    // DATA or HEADERS with END_STREAM; settings use the same bit for their acknowledgement.
    private static bool IsEndOfRequest(byte[] header) => header[3] is 0 or 1 && (header[4] & 1) != 0;

    private async Task PassAsync(Socket caller)
    {
        using var service = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await service.ConnectAsync(new UnixDomainSocketEndPoint(target), _stop.Token);
        using var outer = new NetworkStream(caller, ownsSocket: true);
        using var inner = new NetworkStream(service);
        await Task.WhenAny(outer.CopyToAsync(inner, _stop.Token), inner.CopyToAsync(outer, _stop.Token));
    }
}
