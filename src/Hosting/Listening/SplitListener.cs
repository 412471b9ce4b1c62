using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Forge.Hosting.Listening;

/// <summary>The listener that Kestrel sees for one protocol.</summary>
internal sealed class SplitListener(SharedListener shared, SplitEndPoint half, ChannelReader<ConnectionContext> connections) : IConnectionListener
{
    public EndPoint EndPoint => half;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        => await connections.WaitToReadAsync(cancellationToken) && connections.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => shared.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => shared.DisposeAsync();
}
