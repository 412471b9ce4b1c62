using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.AgentSide.Agents;
using Forge.Core.Chat;
using Forge.Core.Harnesses;

namespace Forge.AgentSide.BlackBox;

/// <summary>Writes down one episode for a program: the file of <c>FORGE_TASK</c>, and a prompt for programs that take one.</summary>
internal static class ProgramTask
{
    /// <summary>Where a program leaves its answer, in its working directory.</summary>
    public const string AnswerFile = "answer.txt";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json(AgentSession session, AgentLimits limits, HarnessAccess access, Uri desk) => new JsonObject
    {
        ["episode"] = session.Episode.Value,
        ["environment"] = session.Task.Reference.Environment,
        ["task"] = session.Task.Reference.Id.Value,
        ["system"] = session.Messages[0].Content,
        ["question"] = session.Task.Question,
        ["model"] = access.Model,
        ["tools"] = new JsonArray([.. session.Tools.Select(Tool)]),
        ["tools_url"] = $"{desk}/tools",
        ["reward_url"] = $"{desk}/reward",
        ["answer_file"] = AnswerFile,
        ["limits"] = new JsonObject
        {
            ["turns"] = limits.MaxTurns,
            ["tokens"] = limits.MaxTokens,
            ["tokens_per_turn"] = limits.MaxNewTokens,
            ["seconds"] = limits.Timeout.TotalSeconds,
        },
    }.ToJsonString(Readable) + "\n";

    /// <summary>Says the task to an agent that has a shell.</summary>
    public static string Prompt(AgentSession session)
    {
        var text = new StringBuilder();
        text.Append(session.Messages[0].Content).Append("\n\n").Append(session.Task.Question).Append('\n');
        if (!session.Tools.IsEmpty)
        {
            text.Append("\nThe task has tools of its own. Call one in the shell, here: ./tool NAME 'ARGUMENTS AS A JSON OBJECT'\n");
            foreach (var tool in session.Tools)
            {
                text.Append(CultureInfo.InvariantCulture, $"- {tool.Name}: {tool.Description} Arguments: {tool.ParametersJson}\n");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nWrite the answer, and nothing else, to the file {AnswerFile} here. Then end.\n").ToString();
    }

    private static JsonNode Tool(ToolDefinition tool) => new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = tool.Name,
            ["description"] = tool.Description,
            ["parameters"] = JsonNode.Parse(tool.ParametersJson),
        },
    };
}
