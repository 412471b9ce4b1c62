using System.Globalization;
using System.Text.Json.Nodes;
using Forge.AgentSide.Evaluation;
using Spectre.Console;

namespace Forge.Cli.Display;

/// <summary>Shows how often sampling solves tasks of each level within k attempts.</summary>
internal static class PassAtKTable
{
    public static Table Of(PassAtKReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("level");
        foreach (var k in report.ByDifficulty.Values.First().Keys)
        {
            table.AddColumn(new TableColumn(string.Create(CultureInfo.InvariantCulture, $"pass@{k}")).RightAligned());
        }

        foreach (var (level, passes) in report.ByDifficulty)
        {
            var cells = passes.Values.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture));
            table.AddRow([level.ToString(CultureInfo.InvariantCulture), .. cells]);
        }

        return table;
    }

    public static JsonObject ToJson(PassAtKReport report) => new(report.ByDifficulty.Select(level => KeyValuePair.Create(
        level.Key.ToString(CultureInfo.InvariantCulture),
        (JsonNode?)new JsonObject(level.Value.Select(pass => KeyValuePair.Create(
            pass.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)Math.Round(pass.Value, 4)))))));
}
