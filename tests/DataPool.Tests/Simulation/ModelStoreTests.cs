using Forge.DataPool.Stores;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>The simulation's store promises what the real ones do.</summary>
public sealed class ModelStoreTests : EpisodeStoreConformance
{
    private readonly ModelLedger _ledger = new();

    protected override Task<IEpisodeStore> OpenAsync() => Task.FromResult<IEpisodeStore>(new ModelStore(_ledger, Apply));

    private static Task Apply(Action write)
    {
        write();
        return Task.CompletedTask;
    }
}
