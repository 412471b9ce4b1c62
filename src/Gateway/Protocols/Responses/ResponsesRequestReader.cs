using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Reads a request of Responses. What is not named here is tolerated and changes nothing.</summary>
internal static class ResponsesRequestReader
{
    // Said again as they came.
    private static readonly string[] Echoed =
        ["max_output_tokens", "parallel_tool_calls", "prompt_cache_key", "safety_identifier", "service_tier", "store", "temperature", "top_p", "truncation", "user"];

    public static ApiRequest Read(JsonElement json)
    {
        var body = ApiBody.Open(json);
        RefuseEarlier(body["previous_response_id"]);
        var tools = ResponsesToolReader.Read(body["tools"], out var grouped);
        var choice = ToolChoiceReader.Read(body["tool_choice"], tools);
        var include = body["include"].Items(ApiLimits.Parts).Select(item => item.Text()).ToHashSet(StringComparer.Ordinal);
        var echo = ReadEcho(body);
        ResponsesEcho.AddTools(echo, tools.FreeText, grouped);
        ResponsesEcho.AddSealed(echo, include.Contains("reasoning.encrypted_content"));
        return new ApiRequest
        {
            Model = body["model"].NameText(),
            Messages = ResponsesItemReader.Read(body),
            Tools = tools.ToTools(),
            ToolChoice = choice,
            ParallelToolCalls = body["parallel_tool_calls"].Flag(true),
            Sampling = ReadSampling(body, include),
            Stream = body["stream"].Flag(false),
            ResponseSchema = body["text"].IsGiven ? SamplingReader.Schema(body["text"].RequireObject()["format"], nested: null) : null,
            Echo = echo,
        };
    }

    private static AskedSampling ReadSampling(ApiField body, HashSet<string> include)
    {
        var top = body["top_logprobs"].OptionalCount(0, ApiLimits.TopLogProbs);
        return SamplingReader.OpenAi(body, body["max_output_tokens"].OptionalCount(1, int.MaxValue)) with
        {
            LogProbs = top > 0 || include.Contains("message.output_text.logprobs"),
            TopLogProbs = top ?? 0,
        };
    }

    private static void RefuseEarlier(ApiField earlier)
    {
        if (earlier.OptionalText() is { Length: > 0 } id)
        {
            throw new ApiFaultException(
                ApiFaultKind.Invalid,
                $"previous_response_id is '{id}': answers are not kept here, so it can't be gone on from. Send the whole conversation as input (store: false).",
                "previous_response_id");
        }
    }

    private static JsonObject ReadEcho(ApiField body)
    {
        var echo = new JsonObject();
        foreach (var name in Echoed)
        {
            var field = body[name];
            if (field.IsGiven)
            {
                echo[name] = field.IsObject || field.IsArray ? throw field.Fault("must be a single value") : JsonCopy.Node(field.Value);
            }
        }

        _ = body["truncation"].OptionalWord("auto", "disabled");
        _ = body["store"].Flag(true);
        foreach (var name in (ReadOnlySpan<string>)["reasoning", "text"])
        {
            if (body[name].IsGiven)
            {
                echo[name] = JsonCopy.Object(body[name].RequireObject().Value);
            }
        }

        if (body["tool_choice"].IsGiven)
        {
            echo["tool_choice"] = JsonCopy.Node(body["tool_choice"].Value);
        }

        echo["metadata"] = SamplingReader.Metadata(body["metadata"]);
        echo[ResponsesEcho.Instructions] = body["instructions"].OptionalText();
        echo[ResponsesEcho.Tools] = new JsonArray([.. body["tools"].Items(ApiLimits.Tools).Select(Tool)]);
        return echo;
    }

    // The answer's function tools have two keys that a request may leave out.
    private static JsonObject Tool(ApiField tool)
    {
        var copy = JsonCopy.Object(tool.RequireObject().Value);
        if (tool["type"].TextOrNothing() == "function")
        {
            copy.TryAdd("strict", null);
            copy.TryAdd("parameters", null);
        }

        return copy;
    }
}
