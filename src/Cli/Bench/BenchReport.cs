using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Cli.Display;
using Forge.Cli.Machine;
using Spectre.Console;

namespace Forge.Cli.Bench;

/// <summary>Shows what a benchmark measured: a table for people, or one object for machines. Every benchmark has this form.</summary>
internal static class BenchReport
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="bench">The benchmark's name.</param>
    /// <param name="machine">Where it ran.</param>
    /// <param name="rows">Flat records: each property is a column.</param>
    public static JsonObject ToJson<T>(string bench, MachineDescription machine, IEnumerable<T> rows)
        where T : notnull
        => new()
        {
            ["bench"] = bench,
            ["machine"] = machine.ToJson(),
            ["rows"] = new JsonArray([.. rows.Select(ToJson)]),
        };

    /// <summary>One row by itself.</summary>
    public static JsonObject ToJson<T>(T row)
        where T : notnull
        => JsonSerializer.SerializeToNode(row, row.GetType(), Names)!.AsObject();

    public static void Show<T>(IAnsiConsole console, string bench, MachineDescription machine, IReadOnlyList<T> rows)
        where T : notnull
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"forge bench {bench}").Caption(Markup.Escape(machine.ToString()));
        foreach (var (row, json) in rows.Select(ToJson).Index())
        {
            foreach (var column in row == 0 ? json.Select(cell => cell.Key) : [])
            {
                table.AddColumn(new TableColumn(column.Replace('_', ' ')).RightAligned());
            }

            table.AddRow([.. json.Select(cell => Markup.Escape(Cell(cell.Value)))]);
        }

        console.Write(table);
    }

    private static string Cell(JsonNode? value)
        => value?.GetValueKind() == JsonValueKind.Number ? Wording.Figure(value.GetValue<double>()) : value?.ToString() ?? "–";
}
