using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Chat;

/// <summary>Reads a request of Chat Completions. What is not named here is tolerated and changes nothing.</summary>
internal static class ChatRequestReader
{
    public static ApiRequest Read(JsonElement json)
    {
        var body = ApiBody.Open(json);
        var tools = ChatToolReader.Read(body);
        var choice = ChatToolReader.ReadChoice(body, tools);
        return new ApiRequest
        {
            Model = body["model"].NameText(),
            Messages = ChatMessageReader.Read(body["messages"]),
            Tools = tools.ToTools(),
            ToolChoice = choice,
            ParallelToolCalls = body["parallel_tool_calls"].Flag(true),
            Sampling = ReadSampling(body),
            Count = SamplingReader.Count(body),
            Stream = body["stream"].Flag(false),
            IncludeUsage = body["stream_options"].IsGiven && body["stream_options"].RequireObject()["include_usage"].Flag(false),
            ReasoningSplit = body["reasoning_split"].Flag(false),
            ResponseSchema = SamplingReader.Schema(body["response_format"], "json_schema"),
            Echo = ReadEcho(body, tools),
        };
    }

    private static AskedSampling ReadSampling(ApiField body)
    {
        var limit = body["max_completion_tokens"].OptionalCount(1, int.MaxValue) ?? body["max_tokens"].OptionalCount(1, int.MaxValue);
        var top = body["top_logprobs"].OptionalCount(0, ApiLimits.TopLogProbs);
        var logProbs = body["logprobs"].Flag(false);
        if (top > 0 && !logProbs)
        {
            throw body["top_logprobs"].Fault("needs logprobs to be true");
        }

        SamplingReader.CheckBias(body["logit_bias"]);
        return SamplingReader.OpenAi(body, limit) with { LogProbs = logProbs, TopLogProbs = top ?? 0 };
    }

    private static JsonObject? ReadEcho(ApiField body, ToolList tools)
    {
        var echo = new JsonObject();
        if (SamplingReader.Metadata(body["metadata"]) is { } metadata)
        {
            echo[ChatEcho.Metadata] = metadata;
        }

        if (tools.FreeText.Count > 0)
        {
            echo[ChatEcho.FreeText] = new JsonArray([.. tools.FreeText.Select(name => JsonValue.Create(name))]);
        }

        if (body["functions"].IsGiven && !body["tools"].IsGiven)
        {
            echo[ChatEcho.Functions] = true;
        }

        return echo.Count > 0 ? echo : null;
    }
}
