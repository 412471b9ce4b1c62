using Forge.DataPool;
using Forge.DataPool.Stores;

namespace Forge.Cli.Tests.Data;

public sealed class DataVerbTests : DataVerbConformance
{
    protected override DataPoolOptions Pool { get; } = new() { InFlight = 9, Window = 9, GroupsPerBatch = 1, Store = PoolStore.Sqlite };
}
