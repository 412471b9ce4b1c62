namespace Forge.Core.Scheduling;

public enum AdmissionOutcome
{
    Unspecified = 0,
    Admitted = 1,

    /// <summary>M groups are dispatched and not yet trained.</summary>
    InFlightFull = 2,

    /// <summary>Some group could then be trained more than S versions after its dispatch.</summary>
    WouldGrowStale = 3,
}
