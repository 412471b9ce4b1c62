using Forge.DataPool;

namespace Forge.Contracts.Tests.Ports;

/// <summary>The sizes that <see cref="TestKit.Ports.PoolConformance"/> counts on.</summary>
internal static class PoolOptions
{
    public static DataPoolOptions Conformance { get; } = new() { InFlight = 6, Window = 3, GroupsPerBatch = 2, MaxStaleness = 9 };
}
