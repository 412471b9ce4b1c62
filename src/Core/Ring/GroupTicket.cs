using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>The permission to run one group's episodes, given in dispatch order.</summary>
/// <param name="Id">The dispatch index.</param>
/// <param name="Task">What to ask.</param>
/// <param name="DispatchedAt">The newest policy version at dispatch.</param>
/// <param name="Episodes">The ids of the episodes still to run (all of them, unless a crash left some finished).</param>
public sealed record GroupTicket(GroupId Id, TaskReference Task, PolicyVersion DispatchedAt, ImmutableArray<EpisodeId> Episodes);
