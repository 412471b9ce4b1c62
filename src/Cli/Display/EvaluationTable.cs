using System.Globalization;
using Forge.Core.Ring;
using Spectre.Console;

namespace Forge.Cli.Display;

/// <summary>Shows held-out success by level, one column per evaluation, and what changed between the first and the last.</summary>
internal static class EvaluationTable
{
    /// <param name="columns">A heading and a report each, oldest first; at least one.</param>
    public static Table Of(params IReadOnlyList<(string Heading, EvaluationReport Report)> columns)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("level");
        foreach (var (heading, _) in columns)
        {
            table.AddColumn(new TableColumn($"{Markup.Escape(heading)}\n[grey]success, 95 % interval[/]"));
        }

        if (columns.Count > 1)
        {
            table.AddColumn("change");
        }

        foreach (var level in columns[^1].Report.ByDifficulty.Keys)
        {
            var levels = columns.Select(column => column.Report.ByDifficulty.GetValueOrDefault(level));
            table.AddRow(Row(level.ToString(CultureInfo.InvariantCulture), [.. levels]));
        }

        return table.AddRow(Row("[bold]all[/]", [.. columns.Select(column => (LevelSuccess?)column.Report.Overall)]));
    }

    /// <summary>The same as lines of text.</summary>
    public static IEnumerable<string> Lines(EvaluationReport? before, EvaluationReport after)
    {
        foreach (var (level, success) in after.ByDifficulty)
        {
            yield return Line($"level {level}", before?.ByDifficulty.GetValueOrDefault(level), success);
        }

        yield return Line("all", before?.Overall, after.Overall);
    }

    private static string[] Row(string name, LevelSuccess?[] levels)
    {
        var cells = levels.Select(level => level is null ? "–" : Markup.Escape(Wording.Success(level)));
        return levels is [{ } first, .., { } last] ? [name, .. cells, Change(first, last)] : [name, .. cells];
    }

    private static string Change(LevelSuccess before, LevelSuccess after)
    {
        var change = after.Success - before.Success;
        var colour = change > 0 ? "green" : change < 0 ? "red" : "grey";
        return string.Create(CultureInfo.InvariantCulture, $"[{colour}]{change:+0.000;-0.000;0.000}[/]");
    }

    private static string Line(string name, LevelSuccess? before, LevelSuccess after)
        => before is null
            ? $"{name,-8} {Wording.Success(after)}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-8} {Wording.Success(before)} -> {Wording.Success(after)}  {after.Success - before.Success:+0.000;-0.000;0.000}");
}
