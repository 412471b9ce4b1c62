using System.Collections.Immutable;
using Forge.Core.Ring;
using Forge.Core.Scheduling;

namespace Forge.DataPool.Stores;

/// <summary>A group as the store remembers it, without its completions.</summary>
/// <param name="Id">The dispatch index.</param>
/// <param name="Task">What was asked.</param>
/// <param name="DispatchedAt">The newest version at its first dispatch.</param>
/// <param name="IsFinished">True when every episode has a result.</param>
/// <param name="Episodes">The attempts that count, by place in the group.</param>
/// <param name="LastEvent">The last thing the schedule's record says about it; unspecified when it says nothing.</param>
public sealed record StoredGroup(
    GroupId Id,
    TaskReference Task,
    PolicyVersion DispatchedAt,
    bool IsFinished,
    ImmutableArray<StoredEpisode> Episodes,
    ScheduleEventKind LastEvent);
