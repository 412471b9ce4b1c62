using System.Net.Sockets;
using System.Text;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

/// <summary>A listener on the host that answers every line with a text.</summary>
internal sealed class GatewayDouble : IDisposable
{
    private readonly Socket _listener;

    public GatewayDouble(Socket listener, System.Net.EndPoint address)
    {
        _listener = listener;
        _listener.Bind(address);
        _listener.Listen();
    }

    public System.Net.EndPoint Address => _listener.LocalEndPoint!;

    public static GatewayDouble OnSocketFile(string path)
        => new(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path));

    public static GatewayDouble OnLoopback()
        => new(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));

    /// <summary>Takes one connection, reads a line, answers, closes; returns the line.</summary>
    public async Task<string> AnswerOnceAsync(string answer)
    {
        using var connection = await _listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        using var stream = new NetworkStream(connection);
        using var reader = new StreamReader(stream, leaveOpen: true);
        var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        return line ?? "";
    }

    public bool HasCaller => _listener.Poll(0, SelectMode.SelectRead);

    public void Dispose() => _listener.Dispose();
}
