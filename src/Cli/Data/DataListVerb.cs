using System.CommandLine;
using System.Globalization;
using Forge.Core.Ring;
using Forge.DataPool.Archive;
using Spectre.Console;

namespace Forge.Cli.Data;

/// <summary><c>forge data list</c>: one line per group.</summary>
internal static class DataListVerb
{
    public static Command Create()
    {
        var command = new Command("list", "Lists groups: what was asked, what became of them.");
        var from = new Option<long>("--from") { Description = "The first group's dispatch index.", DefaultValueFactory = _ => 0 };
        var most = new Option<int>("--limit") { Description = "Most groups.", DefaultValueFactory = _ => 50 };
        var json = DataVerb.Json();
        command.Options.Add(from);
        command.Options.Add(most);
        command.Options.Add(json);
        command.SetAction(async (parsed, pool, cancellationToken) =>
        {
            var groups = await pool.ListAsync(new GroupId(parsed.GetValue(from)), parsed.GetValue(most), cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(DataJson.Serialize(groups.Select(DataJson.Of)));
            }
            else
            {
                AnsiConsole.Write(TableOf(groups));
            }
        });
        return command;
    }

    private static Table TableOf(IEnumerable<ArchivedGroup> groups)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("GROUP", "TASK", "VERSION", "STATE", "STEP", "EPISODES", "SUCCESS", "CALLS", "REASON");
        foreach (var group in groups)
        {
            var again = group.Attempts > group.Episodes ? string.Create(CultureInfo.InvariantCulture, $" (+{group.Attempts - group.Episodes})") : "";
            table.AddRow(
                $"{group.Id}", Markup.Escape(group.Task.Value), $"{group.DispatchedAt}", group.IsPruned ? $"{group.State}, pruned" : group.State,
                group.Step?.ToString(CultureInfo.InvariantCulture) ?? "-",
                $"{group.Episodes}{again}", $"{group.Successes}", $"{group.Completions}", Markup.Escape(group.Reason));
        }

        return table;
    }
}
