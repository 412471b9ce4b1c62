using System.Collections.Immutable;

namespace Forge.AgentSide.Records;

/// <summary>One step of a question, such as "boss of".</summary>
/// <param name="Word">What the question says, and the <c>field</c> of the look-up.</param>
/// <param name="From">What it is asked of.</param>
/// <param name="To">What it gives.</param>
public sealed record Relation(string Word, EntityKind From, EntityKind To)
{
    /// <summary>The oldest inhabitant: no field of a city, so it takes the <c>list</c> tool, whose first entry is the oldest.</summary>
    public static Relation Eldest { get; } = new("eldest", EntityKind.City, EntityKind.Person);

    public static ImmutableArray<Relation> Fields { get; } =
    [
        new("boss", EntityKind.Person, EntityKind.Person),
        new("friend", EntityKind.Person, EntityKind.Person),
        new("mentor", EntityKind.Person, EntityKind.Person),
        new("city", EntityKind.Person, EntityKind.City),
        new("mayor", EntityKind.City, EntityKind.Person),
        new("twin", EntityKind.City, EntityKind.City),
    ];

    public static ImmutableArray<Relation> All { get; } = [.. Fields, Eldest];
}
