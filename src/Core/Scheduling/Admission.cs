namespace Forge.Core.Scheduling;

/// <summary>Whether one more group may be dispatched.</summary>
/// <param name="Outcome">Admitted, or why not.</param>
/// <param name="Group">The group that decided: the next index, or the one that would grow stale.</param>
public readonly record struct Admission(AdmissionOutcome Outcome, long Group)
{
    public bool IsAdmitted => Outcome == AdmissionOutcome.Admitted;
}
