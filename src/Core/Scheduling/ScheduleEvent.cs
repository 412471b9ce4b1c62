namespace Forge.Core.Scheduling;

/// <summary>One thing that happened to the schedule; the sequence of them replays a run's decisions.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Index">The group's dispatch index.</param>
/// <param name="Head">The head of the window right after it.</param>
public readonly record struct ScheduleEvent(ScheduleEventKind Kind, long Index, long Head);
