namespace Forge.Core.Scheduling;

/// <summary>
/// Decides whether one more group may be dispatched, so that at most M are in flight and none can be trained more than S versions
/// after its dispatch. Finished work is never dropped for staleness: what would grow stale is not started.
/// </summary>
/// <remarks>
/// With n the next index, v the newest version and c the groups in flight: a group g that is not taken yet can be preceded only by
/// groups up to g+W−1, so once n ≤ g+W−1 is admitted all c others may go first, and g enters the step that updates version
/// v + ⌊c/B⌋ at the latest. Training a full batch lowers c by B and raises v by 1, a skip lowers c: the bound never grows but by
/// admissions, and each of these is checked here. It holds for optimizer steps of B groups; a smaller step ages the rest early.
/// No deadlock: when everything in flight is taken and the open batch still lacks a group, c &lt; B, so the next one is admitted.
/// </remarks>
public sealed class AdmissionRule
{
    private readonly int _inFlight;
    private readonly int _window;
    private readonly int _groupsPerBatch;
    private readonly int _maxStaleness;

    /// <param name="inFlight">M, at least B: a smaller one could never fill a batch.</param>
    /// <param name="window">W, at least 1.</param>
    /// <param name="groupsPerBatch">B, at least 1.</param>
    /// <param name="maxStaleness">S, versions, at least 0: 0 trains only on the version that was dispatched.</param>
    public AdmissionRule(int inFlight, int window, int groupsPerBatch, int maxStaleness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupsPerBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inFlight, groupsPerBatch);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxStaleness, 0);
        _inFlight = inFlight;
        _window = window;
        _groupsPerBatch = groupsPerBatch;
        _maxStaleness = maxStaleness;
    }

    /// <param name="inFlight">Every group dispatched and not consumed, in any order.</param>
    /// <param name="next">The index that the group would get.</param>
    /// <param name="version">The newest published version.</param>
    public Admission Decide(IReadOnlyCollection<InFlightGroup> inFlight, long next, long version)
    {
        if (inFlight.Count >= _inFlight)
        {
            return new Admission(AdmissionOutcome.InFlightFull, next);
        }

        var stepsAhead = inFlight.Count / _groupsPerBatch;
        if (stepsAhead > _maxStaleness)
        {
            return new Admission(AdmissionOutcome.WouldGrowStale, next);
        }

        foreach (var group in inFlight)
        {
            var canBeOvertaken = !group.Taken && next < group.Index + _window;
            if (canBeOvertaken && version + stepsAhead - group.DispatchedAt > _maxStaleness)
            {
                return new Admission(AdmissionOutcome.WouldGrowStale, group.Index);
            }
        }

        return new Admission(AdmissionOutcome.Admitted, next);
    }
}
