using System.Net.Sockets;
using Forge.Hosting.Injection;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Injection;

public sealed class SocketProxyTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _service = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SocketProxy _proxy;

    public SocketProxyTests()
    {
        _service.Bind(new UnixDomainSocketEndPoint(_folder.File("own.sock")));
        _service.Listen();
        _proxy = new SocketProxy(_folder.File("sock"), _folder.File("own.sock"));
        _proxy.Start();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sent_arrives_both_ways_and_an_end_arrives_too()
    {
        var (caller, served) = await ConnectAsync();

        await caller.SendAsync("question"u8.ToArray(), Cancel).AsTask().DefaultTimeout();
        var question = await ReceiveAsync(served, 8);
        await served.SendAsync("answer"u8.ToArray(), Cancel).AsTask().DefaultTimeout();
        var answer = await ReceiveAsync(caller, 6);
        served.Dispose();

        Assert.Equal("question"u8.ToArray(), question);
        Assert.Equal("answer"u8.ToArray(), answer);
        Assert.Equal(0, await caller.ReceiveAsync(new byte[1], Cancel).AsTask().DefaultTimeout());
    }

    [Fact]
    public async Task CutAsync_ends_connections_and_new_ones_until_it_is_over()
    {
        var (caller, _) = await ConnectAsync();
        using var over = new CancellationTokenSource();

        var cutting = _proxy.CutAsync(Timeout.InfiniteTimeSpan, over.Token);
        var old = await EndsAsync(caller);
        var refused = await EndsAsync(await CallAsync());
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cutting.DefaultTimeout());
        var (after, served) = await ConnectAsync();
        await after.SendAsync("x"u8.ToArray(), Cancel).AsTask().DefaultTimeout();

        Assert.True(old);
        Assert.True(refused);
        Assert.Equal("x"u8.ToArray(), await ReceiveAsync(served, 1));
    }

    [Fact]
    public async Task StallAsync_holds_everything_back_and_loses_nothing()
    {
        var (caller, served) = await ConnectAsync();
        using var over = new CancellationTokenSource();

        var stalling = _proxy.StallAsync(Timeout.InfiniteTimeSpan, over.Token);
        await caller.SendAsync("late"u8.ToArray(), Cancel).AsTask().DefaultTimeout();
        var receiving = ReceiveAsync(served, 4);
        var arrivedEarly = receiving.IsCompleted;
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stalling.DefaultTimeout());

        Assert.False(arrivedEarly);
        Assert.Equal("late"u8.ToArray(), await receiving.DefaultTimeout());
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _service.Dispose();
        _folder.Dispose();
    }

    private async Task<(Socket Caller, Socket Served)> ConnectAsync()
    {
        var caller = await CallAsync();
        return (caller, await _service.AcceptAsync(Cancel).AsTask().DefaultTimeout());
    }

    private async Task<Socket> CallAsync()
    {
        var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await caller.ConnectAsync(new UnixDomainSocketEndPoint(_folder.File("sock")), Cancel).AsTask().DefaultTimeout();
        return caller;
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            read += await socket.ReceiveAsync(bytes.AsMemory(read), Cancel).AsTask().DefaultTimeout() is var got and > 0
                ? got : throw new EndOfStreamException();
        }

        return bytes;
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], Cancel).AsTask().DefaultTimeout() == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
