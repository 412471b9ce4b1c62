using System.Collections.Immutable;

namespace Forge.AgentSide.Records;

/// <summary>
/// The names that every generated database uses. The names are shared by all tasks and the relations between them are drawn anew,
/// so nothing can be learnt about an answer except its kind: a guess is right once in 32.
/// </summary>
public static class RecordsNames
{
    public static ImmutableArray<string> People { get; } =
    [
        "Amy", "Ann", "Ben", "Bob", "Cal", "Dan", "Deb", "Eli", "Eve", "Fay", "Flo", "Gil", "Gus", "Hal", "Ian", "Ida",
        "Jim", "Joe", "Kim", "Leo", "Liz", "Max", "Meg", "Ned", "Pam", "Ray", "Sam", "Tom", "Uma", "Val", "Wes", "Zoe",
    ];

    public static ImmutableArray<string> Cities { get; } =
    [
        "Baku", "Bari", "Bern", "Bonn", "Cork", "Doha", "Faro", "Gent", "Graz", "Hull", "Jena", "Kobe", "Kyiv", "Lima", "Lodz", "Lyon",
        "Metz", "Nice", "Oran", "Oslo", "Pisa", "Pune", "Reno", "Riga", "Rome", "Suva", "Tula", "Turku", "Ulm", "Umea", "Vigo", "York",
    ];
}
