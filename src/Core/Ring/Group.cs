using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>The episodes sampled for one task: the schedulable unit, and the sample of a group-relative baseline.</summary>
/// <param name="Id">The dispatch index.</param>
/// <param name="Task">What was asked.</param>
/// <param name="DispatchedAt">The newest policy version when the group was dispatched.</param>
/// <param name="Episodes">All episodes of the group, by index.</param>
public sealed record Group(GroupId Id, TaskReference Task, PolicyVersion DispatchedAt, ImmutableArray<Episode> Episodes);
