namespace Forge.Core.Scheduling;

/// <summary>What happened to a group. Stored as a number: append only.</summary>
public enum ScheduleEventKind
{
    Unspecified = 0,
    Dispatched = 1,
    Finished = 2,
    Taken = 3,
    Consumed = 4,
    PutBack = 5,
    Expired = 6,

    /// <summary>Taken in an earlier life of the pool and acknowledged in this one: the window decided on it then.</summary>
    Retaken = 7,

    /// <summary>Forgotten while it ran, wherever it stood: one of its episodes used up its attempts.</summary>
    GivenUp = 8,
}
