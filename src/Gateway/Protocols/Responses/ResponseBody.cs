using System.Text.Json.Nodes;
using Forge.Gateway.Protocols.Chat;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Writes the object that stands for one answer of Responses, at its beginning and at its end.</summary>
internal sealed class ResponseBody(ApiRequest request, string id, DateTimeOffset created)
{
    private static readonly string[] Own = [ResponsesEcho.Tools, ResponsesEcho.Instructions];

    /// <summary>Before anything was generated. Instructions and tools are said again only at the end: they may be long, and this comes often.</summary>
    public JsonObject InProgress() => Write("in_progress", [], full: false);

    public JsonObject Ended(ApiReply reply, JsonArray output)
    {
        var cut = reply.Choices[0].End is ApiEnd.MaxTokens or ApiEnd.ContextFull;
        var body = Write(cut ? "incomplete" : "completed", output, full: true);
        body["completed_at"] = cut ? null : reply.Created.ToUnixTimeSeconds();
        body["incomplete_details"] = cut ? new JsonObject { ["reason"] = "max_output_tokens" } : null;
        body["usage"] = Usage(reply.Usage);
        body["system_fingerprint"] = ChatReplyWriter.Fingerprint(reply);
        return body;
    }

    public JsonObject Failed(ApiFaultException fault)
    {
        var body = Write("failed", [], full: true);
        body["error"] = new JsonObject { ["code"] = CodeOf(fault.Kind), ["message"] = fault.Message };
        return body;
    }

    // Of a failed answer, clients give up on the first, compact on the second, and ask again on the others.
    private static string CodeOf(ApiFaultKind kind) => kind switch
    {
        ApiFaultKind.TooMany => "rate_limit_exceeded",
        ApiFaultKind.ContextFull => "context_length_exceeded",
        ApiFaultKind.Internal or ApiFaultKind.Unavailable => "server_error",
        _ => "invalid_prompt",
    };

    private static JsonObject Usage(ApiUsage usage) => new()
    {
        ["input_tokens"] = usage.PromptTokens,
        ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.CachedTokens, ["cache_write_tokens"] = 0 },
        ["output_tokens"] = usage.CompletionTokens,
        ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = usage.ReasoningTokens },
        ["total_tokens"] = usage.PromptTokens + usage.CompletionTokens,
    };

    private JsonObject Write(string status, JsonArray output, bool full)
    {
        var body = new JsonObject
        {
            ["id"] = "resp_" + id,
            ["object"] = "response",
            ["created_at"] = created.ToUnixTimeSeconds(),
            ["status"] = status,
            ["error"] = null,
            ["incomplete_details"] = null,
            ["instructions"] = full ? request.Echo?[ResponsesEcho.Instructions]?.DeepClone() : null,
            ["model"] = request.Model,
            ["output"] = output,
            ["tools"] = full ? request.Echo?[ResponsesEcho.Tools]?.DeepClone() ?? new JsonArray() : new JsonArray(),
            ["parallel_tool_calls"] = true,
            ["metadata"] = new JsonObject(),
            ["tool_choice"] = "auto",
            ["temperature"] = 1,
            ["top_p"] = 1,
            ["previous_response_id"] = null,
            ["max_output_tokens"] = null,
            ["truncation"] = "disabled",
            ["store"] = false,
        };
        foreach (var (name, value) in request.Echo ?? [])
        {
            if (value is not null && name[0] != '$' && !Own.Contains(name))
            {
                body[name] = value.DeepClone();
            }
        }

        // Whatever was asked for, nothing is kept.
        body["store"] = false;
        return body;
    }
}
