using System.Collections.Immutable;

namespace Forge.Cli.Chaos;

/// <summary>What was asked for.</summary>
/// <param name="Folder">Everything goes below it; absolute.</param>
/// <param name="Minutes">From the run's first step to the last fault.</param>
/// <param name="Every">One fault for each such interval.</param>
/// <param name="Seed">Of the schedule and of the run.</param>
/// <param name="Lease">How long a lease of the run lasts.</param>
internal sealed record ChaosRequest(string Folder, double Minutes, TimeSpan Every, ulong Seed, TimeSpan Lease)
{
    /// <summary>The schedule; the same request has the same one.</summary>
    public ImmutableArray<PlannedFault> Plan(bool hasDisk)
        => FaultSchedule.Draw(Seed, TimeSpan.FromMinutes(Minutes), Every, Lease, hasDisk ? new HashSet<ChaosKind>() : [ChaosKind.FillDisk]);
}
