using System.Collections.Immutable;

namespace Forge.AgentSide.Records;

/// <summary>A drawn question: where it starts, what it follows, where it ends, and how it reads.</summary>
internal sealed record RecordsPath(string Start, ImmutableArray<Relation> Relations, string Answer, string Question);
