using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Faults;
using Forge.Core.Text;

namespace Forge.AgentSide.Mcp;

/// <summary>Reads files of questions strictly: everything that is wrong with one is said, with its line.</summary>
internal static class McpQuestions
{
    private static readonly string[] Keys = ["question", "answer"];

    /// <exception cref="ForgeException">There is no such file, or something is wrong with it.</exception>
    public static ImmutableArray<McpQuestion> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new ForgeException($"There is no file of questions '{Path.GetFullPath(path)}' (agent_side.environment.mcp.tasks).");
        }

        var (questions, problems) = (ImmutableArray.CreateBuilder<McpQuestion>(), new List<string>());
        foreach (var (index, line) in File.ReadLines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)))
        {
            var found = Problems(line, out var question).Select(problem => FormattableString.Invariant($"{path}:{index + 1}: {problem}")).ToList();
            problems.AddRange(found);
            if (question is not null && found.Count == 0)
            {
                questions.Add(question);
            }
        }

        problems.AddRange(questions.GroupBy(question => question.Question).Where(same => same.Count() > 1)
            .Select(same => FormattableString.Invariant($"{path}: '{same.Key}' is asked {same.Count()} times")));
        return problems.Count > 0 ? throw new ForgeException(string.Join('\n', problems))
            : questions.Count > 0 ? questions.ToImmutable()
            : throw new ForgeException($"{path}: there is no question in it; write a line such as {{\"question\": \"…\", \"answer\": \"…\"}}");
    }

    private static List<string> Problems(string line, out McpQuestion? question)
    {
        question = null;
        JsonObject? entry;
        try
        {
            entry = JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException fault)
        {
            return [$"this is no JSON: {fault.Message}"];
        }

        if (entry is null)
        {
            return ["a line is an object with question and answer"];
        }

        var problems = entry.Select(pair => pair.Key).Except(Keys).Select(Unknown).ToList();
        var (asked, answer) = (Text(entry, "question"), Text(entry, "answer"));
        problems.AddRange(Keys.Where(key => string.IsNullOrWhiteSpace(Text(entry, key))).Select(key => $"'{key}' is required: a text"));
        question = new McpQuestion(asked ?? "", answer ?? "");
        return problems;
    }

    private static string Unknown(string key)
        => $"unknown key '{key}'; " + (NearestName.Of(key, Keys) is { } nearest ? $"the nearest is '{nearest}'" : "known are question, answer");

    private static string? Text(JsonObject entry, string key) => entry[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text.Trim() : null;
}
