using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Forge.Hosting.Listening;

/// <summary>
/// Lets HTTP/1.1 and HTTP/2 share one cleartext address. Kestrel tells them apart by TLS's negotiation only, so that a cleartext address has
/// one of them; here the first bytes decide, and every byte after them goes straight to Kestrel.
/// </summary>
/// <remarks>
/// <code>
///   socket ──▶ SharedListener ──"PRI"?──▶ SplitListener (HTTP/2)   ──▶ Kestrel endpoint, Http2
///                                └──────▶ SplitListener (HTTP/1.1) ──▶ Kestrel endpoint, Http1
/// </code>
/// </remarks>
internal sealed class SplitListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is SplitEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var half = (SplitEndPoint)endpoint;
        return await half.Shared.BindAsync(half, cancellationToken);
    }
}
