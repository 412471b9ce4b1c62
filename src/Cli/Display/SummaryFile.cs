using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Reads back from a <c>summary.json</c> what a resumed run needs.</summary>
internal static class SummaryFile
{
    /// <summary>The evaluation of the starting policy; null when the file is absent, damaged, or has none.</summary>
    public static EvaluationReport? ReadBefore(string path)
    {
        try
        {
            return File.Exists(path) && JsonNode.Parse(File.ReadAllText(path))?["eval"]?["before"] is JsonObject before ? Report(before) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static EvaluationReport Report(JsonObject json) => new(
        new PolicyVersion(Part(json, "policy_version").GetValue<long>()),
        Level(json),
        Part(json, "by_difficulty").AsObject().ToImmutableSortedDictionary(
            level => int.Parse(level.Key, CultureInfo.InvariantCulture), level => Level(level.Value!.AsObject())),
        Part(json, "mean_turns").GetValue<double>(),
        []);

    private static LevelSuccess Level(JsonObject json) => new(
        Part(json, "success").GetValue<double>(),
        Part(json, "n").GetValue<int>(),
        Part(json, "ci95").AsArray()[0]!.GetValue<double>(),
        Part(json, "ci95").AsArray()[1]!.GetValue<double>());

    private static JsonNode Part(JsonObject json, string name) => json[name] ?? throw new FormatException($"'{name}' is missing");
}
