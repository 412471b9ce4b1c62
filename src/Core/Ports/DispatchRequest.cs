using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>A worker's request for one more ticket.</summary>
/// <param name="Worker">Who asks; one call at a time for each worker.</param>
/// <param name="Held">Tokens of the tickets that the worker has and has not finished. One that it lacks was lost on the way: it comes again.</param>
/// <param name="Episodes">Episodes of a new group, at least 1.</param>
/// <param name="Next">The dispatch index that the worker expects to be next.</param>
/// <param name="Task">The task of a new group with exactly that index.</param>
public sealed record DispatchRequest(WorkerId Worker, ImmutableArray<long> Held, int Episodes, GroupId Next, TaskReference Task);
