using Forge.Core.Scheduling;

namespace Forge.DataPool.Postgres;

/// <summary>A line of the schedule's record.</summary>
/// <param name="Recorded">What the schedule did.</param>
/// <param name="Opening">The process that it did it in.</param>
/// <param name="Milliseconds">When, in Unix time.</param>
internal sealed record LoggedEvent(ScheduleEvent Recorded, long Opening, long Milliseconds);
