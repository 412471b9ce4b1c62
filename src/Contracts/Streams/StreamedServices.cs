using System.Collections.Frozen;
using Forge.Contracts.V1;

namespace Forge.Contracts.Streams;

/// <summary>
/// Lists the services whose unary calls share a stream: those that are called for every completion or episode. The others' calls are rare, or carry whole
/// groups and weights, which would hold small ones up.
/// </summary>
public static class StreamedServices
{
    private static readonly FrozenSet<string> Names = new[]
    {
        GatewayService.Descriptor, RolloutService.Descriptor, EpisodeSinkService.Descriptor,
    }.Select(service => service.FullName).ToFrozenSet(StringComparer.Ordinal);

    /// <param name="service">Such as <c>forge.v1.GatewayService</c>.</param>
    public static bool Contains(string service) => Names.Contains(service);
}
