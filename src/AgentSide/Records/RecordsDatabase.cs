using System.Globalization;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Forge.AgentSide.Records;

/// <summary>
/// Holds one world as tables in a private in-memory SQLite database: <c>people(name, age, boss, friend, mentor, city)</c> and
/// <c>cities(name, mayor, twin)</c>. Not safe for concurrent use.
/// </summary>
internal sealed class RecordsDatabase : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:;Pooling=False");

    public RecordsDatabase(RecordsWorld world)
    {
        _connection.Open();
        _connection.Execute(Script(world));
    }

    /// <summary>Reads a field of the record called <paramref name="name"/>; null when no such record has the field.</summary>
    public string? Lookup(Relation field, string name)
    {
        var table = field.From == EntityKind.Person ? "people" : "cities";
        // The column is one of the schema's own words, never text from outside.
        return _connection.ExecuteScalar<string?>($"SELECT {field.Word} FROM {table} WHERE name = @name", new { name });
    }

    /// <summary>Lists who lives in a city, oldest first.</summary>
    public IReadOnlyList<string> Residents(string city)
        => [.. _connection.Query<string>("SELECT name FROM people WHERE city = @city ORDER BY age DESC", new { city })];

    public void Dispose() => _connection.Dispose();

    private static string Script(RecordsWorld world)
    {
        var script = new StringBuilder(
            """
            CREATE TABLE people(name TEXT PRIMARY KEY, age INTEGER, boss TEXT, friend TEXT, mentor TEXT, city TEXT) WITHOUT ROWID;
            CREATE TABLE cities(name TEXT PRIMARY KEY, mayor TEXT, twin TEXT) WITHOUT ROWID;
            INSERT INTO people VALUES
            """);
        for (var rank = 0; rank < world.ByAge.Length; rank++)
        {
            var age = (20 + world.ByAge.Length - rank).ToString(CultureInfo.InvariantCulture);
            AppendRow(script, world, EntityKind.Person, world.ByAge[rank], age);
        }

        script.Length--;
        script.Append(";INSERT INTO cities VALUES");
        foreach (var city in RecordsNames.Cities)
        {
            AppendRow(script, world, EntityKind.City, city, age: null);
        }

        script.Length--;
        return script.Append(';').ToString();
    }

    private static void AppendRow(StringBuilder script, RecordsWorld world, EntityKind kind, string name, string? age)
    {
        script.Append("('").Append(name).Append('\'');
        if (age is not null)
        {
            script.Append(',').Append(age);
        }

        foreach (var field in Relation.Fields.Where(field => field.From == kind))
        {
            script.Append(",'").Append(world.Follow(field, name)).Append('\'');
        }

        script.Append("),");
    }
}
