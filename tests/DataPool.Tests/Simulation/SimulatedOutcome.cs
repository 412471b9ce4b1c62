using System.Collections.Immutable;
using Forge.DataPool.Checking;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>What became of one history.</summary>
/// <param name="Report">The checker's.</param>
/// <param name="Findings">All violations in words, also those that only the simulation can see.</param>
/// <param name="Lines">Length of the history.</param>
/// <param name="SawPeace">True when the run outlasted the faults.</param>
internal sealed record SimulatedOutcome(HistoryReport Report, ImmutableArray<string> Findings, int Lines, bool SawPeace)
{
    public bool Ok => Findings.IsEmpty && Report.Ok;
}
