using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Writes summaries and evaluations in the form that docs/metrics.md describes.</summary>
internal static class SummaryJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Text(TrainingSummary summary) => Of(summary).ToJsonString(Indented) + "\n";

    public static JsonObject Of(TrainingSummary summary) => new()
    {
        ["run"] = summary.Facts.Name,
        ["status"] = summary.Finished ? "finished" : "stopped",
        ["environment"] = summary.Facts.Environment,
        ["policy"] = summary.Facts.Policy,
        ["device"] = summary.Facts.Device,
        ["seed"] = summary.Facts.Seed,
        ["steps"] = summary.Steps,
        ["episodes"] = summary.Episodes,
        ["trained_tokens"] = summary.TrainedTokens,
        ["elapsed_seconds"] = Math.Round(summary.Elapsed.TotalSeconds, 1),
        ["eval"] = new JsonObject
        {
            ["before"] = summary.Before is null ? null : Of(summary.Before),
            ["after"] = summary.After is null ? null : Of(summary.After),
        },
        ["checkpoint"] = summary.Checkpoint,
        ["resume"] = summary.ResumeCommand,
    };

    public static JsonObject Of(EvaluationReport report)
    {
        var result = Of(report.Overall);
        result["policy_version"] = report.Version.Value;
        result["mean_turns"] = Math.Round(report.MeanTurns, 3);
        result["by_difficulty"] = new JsonObject(report.ByDifficulty.Select(level =>
            KeyValuePair.Create(level.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)Of(level.Value))));
        return result;
    }

    private static JsonObject Of(LevelSuccess level) => new()
    {
        ["success"] = Math.Round(level.Success, 4),
        ["n"] = level.Count,
        ["ci95"] = new JsonArray(Math.Round(level.Low, 4), Math.Round(level.High, 4)),
    };
}
