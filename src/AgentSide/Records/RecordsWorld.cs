using System.Collections.Immutable;
using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Records;

/// <summary>The rows of one task's database before they are in SQLite: drawn from a seed, read by the question generator.</summary>
public sealed class RecordsWorld
{
    private readonly Dictionary<(string Word, string Name), string> _values = [];

    private RecordsWorld()
    {
    }

    /// <summary>People, oldest first.</summary>
    public ImmutableArray<string> ByAge { get; private init; }

    public static RecordsWorld Draw(ref SeededRandom random)
    {
        var ages = RecordsNames.People.ToArray();
        random.Shuffle<string>(ages);
        var world = new RecordsWorld { ByAge = [.. ages] };
        foreach (var relation in Relation.Fields)
        {
            foreach (var name in Names(relation.From))
            {
                world._values[(relation.Word, name)] = DrawOther(ref random, Names(relation.To), name);
            }
        }

        foreach (var person in ages.Reverse())
        {
            world._values[(Relation.Eldest.Word, world._values[("city", person)])] = person;
        }

        return world;
    }

    public static ImmutableArray<string> Names(EntityKind kind) => kind == EntityKind.Person ? RecordsNames.People : RecordsNames.Cities;

    /// <summary>Follows a relation; null where there is nothing (the eldest of an empty city).</summary>
    public string? Follow(Relation relation, string name) => _values.GetValueOrDefault((relation.Word, name));

    private static string DrawOther(ref SeededRandom random, ImmutableArray<string> pool, string self)
    {
        string drawn;
        do
        {
            drawn = pool[random.Next(pool.Length)];
        }
        while (drawn == self);

        return drawn;
    }
}
