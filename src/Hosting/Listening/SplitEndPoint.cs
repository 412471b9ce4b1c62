using System.Net;

namespace Forge.Hosting.Listening;

/// <summary>One protocol's half of a cleartext address: connections that speak it arrive here.</summary>
/// <param name="shared">The address, shared by both halves.</param>
/// <param name="isHttp2">Which half.</param>
internal sealed class SplitEndPoint(SharedListener shared, bool isHttp2) : EndPoint
{
    public SharedListener Shared => shared;

    public bool IsHttp2 => isHttp2;

    /// <summary>What is shown as the address: the real one, once it is bound.</summary>
    public override string ToString() => shared.EndPoint is IPEndPoint ip ? ip.ToString() : $"unix:{shared.EndPoint}";
}
