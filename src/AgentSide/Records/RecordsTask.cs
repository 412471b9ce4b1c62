using System.Collections.Immutable;
using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Records;

/// <summary>One question over one generated database.</summary>
public sealed record RecordsTask : EnvironmentTask
{
    /// <summary>The name that the question ends with and the first look-up starts from.</summary>
    public required string Start { get; init; }

    /// <summary>The relations in the order in which they must be followed: the question names them backwards.</summary>
    public required ImmutableArray<Relation> Path { get; init; }

    public required string Answer { get; init; }

    public required RecordsWorld World { get; init; }
}
