using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;

namespace Forge.Gateway.Protocols.Legacy;

/// <summary>Writes answers of the older completions.</summary>
internal static class LegacyReplyWriter
{
    public const string Prompt = "prompt";

    public static JsonObject Write(ApiRequest request, ApiReply reply)
    {
        var answer = Envelope(reply.Model, reply.Id, reply.Created, [.. reply.Choices.Select((choice, index) => Choice(request, choice, index))]);
        answer["usage"] = ChatReplyWriter.Usage(reply.Usage);
        answer["system_fingerprint"] = ChatReplyWriter.Fingerprint(reply);
        return answer;
    }

    public static JsonObject Envelope(string model, string id, DateTimeOffset created, IReadOnlyCollection<JsonNode> choices) => new()
    {
        ["id"] = "cmpl-" + id,
        ["object"] = "text_completion",
        ["created"] = created.ToUnixTimeSeconds(),
        ["model"] = model,
        ["choices"] = new JsonArray([.. choices]),
    };

    /// <summary>The prompt when it is to be said again, and the visible text.</summary>
    public static string Text(ApiRequest request, ApiChoice choice) => request.Echo?[Prompt]?.GetValue<string>() + choice.Message.Content;

    public static string FinishReason(ApiEnd end) => end is ApiEnd.MaxTokens or ApiEnd.ContextFull ? "length" : "stop";

    public static JsonObject? LogProbs(ApiRequest request, ApiChoice choice)
    {
        if (!request.Sampling.LogProbs)
        {
            return null;
        }

        var offset = 0;
        var offsets = new JsonArray();
        foreach (var token in choice.Tokens)
        {
            offsets.Add((JsonNode)offset);
            offset += LogProbsWriter.Text(token.Bytes).Length;
        }

        return new JsonObject
        {
            ["tokens"] = new JsonArray([.. choice.Tokens.Select(token => JsonValue.Create(LogProbsWriter.Text(token.Bytes)))]),
            ["token_logprobs"] = new JsonArray([.. choice.Tokens.Select(token => JsonValue.Create(LogProbsWriter.Finite(token.LogProb)))]),
            ["top_logprobs"] = new JsonArray([.. choice.Tokens.Select(Top)]),
            ["text_offset"] = offsets,
        };
    }

    private static JsonObject Top(ApiToken token)
    {
        var top = new JsonObject();
        foreach (var (bytes, logProb) in token.Top)
        {
            top.TryAdd(LogProbsWriter.Text(bytes), LogProbsWriter.Finite(logProb));
        }

        return top;
    }

    private static JsonObject Choice(ApiRequest request, ApiChoice choice, int index) => new JsonObject
    {
        ["text"] = Text(request, choice),
        ["index"] = index,
        ["logprobs"] = LogProbs(request, choice),
        ["finish_reason"] = FinishReason(choice.End),
    };
}
