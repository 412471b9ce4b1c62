using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Messages;

/// <summary>Reads a request of Messages. What is not named here is tolerated and changes nothing.</summary>
internal static class MessagesRequestReader
{
    private const int StopSequences = 64;

    private const double MostTemperature = 2;

    private static readonly string[] Sampling = ["temperature", "top_p", "top_k"];

    public static ApiRequest Read(JsonElement json, bool refusesSampling, bool needsLimit)
    {
        var body = ApiBody.Open(json);
        var limit = body["max_tokens"].OptionalCount(1, int.MaxValue);
        if (limit is null && needsLimit)
        {
            throw body["max_tokens"].Fault("must be a whole number of at least 1");
        }

        var tools = ReadTools(body["tools"]);
        var choice = ReadChoice(body["tool_choice"], tools);
        _ = body["metadata"]["user_id"].OptionalText();
        return new ApiRequest
        {
            Model = body["model"].NameText(),
            Messages = MessagesMessageReader.Read(body),
            Tools = tools.ToTools(),
            ToolChoice = choice,
            ParallelToolCalls = !body["tool_choice"]["disable_parallel_tool_use"].Flag(false),
            Sampling = ReadSampling(body, refusesSampling) with { MaxTokens = limit },
            Stream = body["stream"].Flag(false),
            ResponseSchema = ReadFormat(body),
            Echo = ReadThinking(body["thinking"]),
        };
    }

    private static AskedSampling ReadSampling(ApiField body, bool refuses)
    {
        if (refuses && Array.Find(Sampling, name => body[name].IsGiven) is { } extra)
        {
            throw new ApiFaultException(
                ApiFaultKind.Invalid, $"{extra}: Extra inputs are not permitted. This version of the API has no sampling parameters: leave it out.", extra);
        }

        return new AskedSampling
        {
            Temperature = body["temperature"].OptionalNumber(0, MostTemperature),
            TopP = body["top_p"].OptionalNumber(0, 1),
            TopK = body["top_k"].OptionalCount(0, int.MaxValue),
            Stop = SamplingReader.Stop(body["stop_sequences"], StopSequences),
        };
    }

    private static ToolList ReadTools(ApiField tools)
    {
        var list = new ToolList();
        foreach (var tool in tools.Items(ApiLimits.Tools))
        {
            // Tools of a dated type are the vendor's own, without a schema that another model could follow.
            if (tool.RequireObject()["type"].TextOrNothing() is null or "custom")
            {
                list.AddFunction(tool["name"].NameText(), tool, "input_schema", verbatim: false);
            }
        }

        return list;
    }

    private static ToolChoice ReadChoice(ApiField choice, ToolList tools)
    {
        if (!choice.IsGiven)
        {
            return ToolChoice.Auto;
        }

        switch (choice.RequireObject()["type"].OptionalWord("auto", "any", "tool", "none"))
        {
            case "none":
                return new ToolChoice(ToolChoiceMode.None);
            case "any":
                return tools.ToTools().IsEmpty
                    ? throw choice.Fault("needs a tool in tools that this model can call")
                    : new ToolChoice(ToolChoiceMode.Required);
            case "tool":
                return ToolChoiceReader.Named(choice["name"], tools);
            case "auto":
                return ToolChoice.Auto;
            default:
                throw choice["type"].Fault("must be one of auto, any, tool, none");
        }
    }

    private static JsonObject? ReadFormat(ApiField body)
    {
        var format = body["output_config"].IsGiven ? body["output_config"].RequireObject()["format"] : body["output_format"];
        return SamplingReader.Schema(format, nested: null);
    }

    private static JsonObject? ReadThinking(ApiField thinking)
        => thinking.IsGiven
            ? MessagesEcho.Write(
                thinking.RequireObject()["type"].OptionalWord("enabled", "disabled", "adaptive", "between_tools"),
                thinking["display"].TextOrNothing())
            : null;
}
