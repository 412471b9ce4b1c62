using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.AgentSide.Agents;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Harnesses;
using Forge.Core.Ring;

namespace Forge.AgentSide.BlackBox;

/// <summary>
/// Says what each recorded completion did, so that a program's episode is rewarded as one of our own agent's. A tool call that came over
/// HTTP belongs to the first completion that asked for exactly it; what the program called on its own account is nobody's merit or fault.
/// </summary>
internal static class PlayedSteps
{
    /// <returns>Aligned to the calls of <paramref name="trace"/>, which is how rewards are aligned to completions.</returns>
    public static IEnumerable<AgentStep> Of(HarnessTrace trace, IReadOnlyList<ToolUse> uses)
    {
        var invalid = new int[trace.Calls.Length];
        var errors = new int[trace.Calls.Length];
        var asked = trace.Calls.SelectMany((call, step) => call.Message.ToolCalls.Select(tool => (Step: step, Tool: tool))).ToList();
        foreach (var use in uses)
        {
            var found = asked.FindIndex(entry => entry.Tool.Name == use.Name && SameArguments(entry.Tool, use));
            if (found >= 0)
            {
                var step = asked[found].Step;
                invalid[step] += use.Observation.Outcome == ToolOutcome.InvalidCall ? 1 : 0;
                errors[step] += use.Observation.IsError ? 1 : 0;
                asked.RemoveAt(found);
            }
        }

        return trace.Calls.Select((call, step) => new AgentStep(IsMalformed(call), call.Message.ToolCalls.Length, invalid[step], errors[step]));
    }

    /// <summary>The last thing that the policy said as an answer; empty when it said none.</summary>
    public static string FinalText(HarnessTrace trace)
        => trace.Calls.LastOrDefault(call => !call.IsAuxiliary && call.Message.ToolCalls.IsEmpty)?.Message.Content.Trim() ?? "";

    private static bool IsMalformed(HarnessCall call)
        => call.Malformed || call.FinishReason == FinishReason.Length
            || (call.Message.ToolCalls.IsEmpty && string.IsNullOrWhiteSpace(call.Message.Content));

    // Clients write the arguments again: spaces and escapes may differ, values don't.
    private static bool SameArguments(ToolCall tool, ToolUse use)
    {
        try
        {
            return tool.ArgumentsJson == use.ArgumentsJson
                || JsonNode.DeepEquals(JsonNode.Parse(tool.ArgumentsJson), JsonNode.Parse(use.ArgumentsJson));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
