using System.Globalization;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Takes an answer apart into items: thinking, text, calls.</summary>
internal static class ResponseItems
{
    private const string Completed = "completed";

    public static IEnumerable<ResponseItem> Of(ApiRequest request, ApiReply reply)
    {
        var choice = reply.Choices[0];
        var message = choice.Message;
        var status = choice.End is ApiEnd.MaxTokens or ApiEnd.ContextFull ? "incomplete" : Completed;
        if (message.ReasoningContent is { Length: > 0 } thinking)
        {
            yield return Thinking(request, "rs_" + reply.Id, thinking);
        }

        if (message.Content.Length > 0 || message.ToolCalls.IsEmpty)
        {
            yield return Text(request, "msg_" + reply.Id, choice, message.ToolCalls.IsEmpty ? status : Completed);
        }

        for (var index = 0; index < message.ToolCalls.Length; index++)
        {
            var call = message.ToolCalls[index];
            var suffix = string.Create(CultureInfo.InvariantCulture, $"{reply.Id}_{index}");
            yield return ResponsesEcho.TakesFreeText(request, call.Name)
                ? FreeText(request, "ctc_" + suffix, call)
                : Function(request, "fc_" + suffix, call);
        }
    }

    private static ResponseItem Thinking(ApiRequest request, string id, string thinking)
    {
        var summary = ResponsesEcho.ShowsSummary(request);
        JsonObject Item(bool done)
        {
            var item = new JsonObject { ["id"] = id, ["type"] = "reasoning", ["summary"] = new JsonArray() };
            if (done)
            {
                item[summary ? "summary" : "content"] = new JsonArray(Part(summary, thinking));
            }

            if (done && ResponsesEcho.IsSealed(request))
            {
                item["encrypted_content"] = ThinkingSeal.Seal(thinking);
            }

            return item;
        }

        return new ResponseItem(Item(false), () => Item(true), summary ? SummaryEvents(id, thinking) : ThinkingEvents(id, thinking));
    }

    private static JsonObject Part(bool summary, string text) => new() { ["type"] = summary ? "summary_text" : "reasoning_text", ["text"] = text };

    private static IEnumerable<JsonObject> ThinkingEvents(string id, string thinking)
    {
        yield return Event("response.content_part.added", id, ("content_index", 0), ("part", Part(false, "")));
        foreach (var piece in TextCuts.Of(thinking))
        {
            yield return Event("response.reasoning_text.delta", id, ("content_index", 0), ("delta", piece));
        }

        yield return Event("response.reasoning_text.done", id, ("content_index", 0), ("text", thinking));
        yield return Event("response.content_part.done", id, ("content_index", 0), ("part", Part(false, thinking)));
    }

    private static IEnumerable<JsonObject> SummaryEvents(string id, string thinking)
    {
        yield return Event("response.reasoning_summary_part.added", id, ("summary_index", 0), ("part", Part(true, "")));
        foreach (var piece in TextCuts.Of(thinking))
        {
            yield return Event("response.reasoning_summary_text.delta", id, ("summary_index", 0), ("delta", piece));
        }

        yield return Event("response.reasoning_summary_text.done", id, ("summary_index", 0), ("text", thinking));
        yield return Event("response.reasoning_summary_part.done", id, ("summary_index", 0), ("part", Part(true, thinking)));
    }

    private static ResponseItem Text(ApiRequest request, string id, ApiChoice choice, string status)
    {
        JsonArray LogProbs() => request.Sampling.LogProbs ? LogProbsWriter.Tokens(choice.Tokens.AsSpan()) : [];
        JsonObject Output(string text, JsonArray logProbs)
            => new() { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = logProbs };
        JsonObject Item(string state, params JsonNode[] parts)
            => new() { ["id"] = id, ["type"] = "message", ["role"] = "assistant", ["status"] = state, ["content"] = new JsonArray(parts) };
        IEnumerable<JsonObject> Events()
        {
            var text = choice.Message.Content;
            yield return Event("response.content_part.added", id, ("content_index", 0), ("part", Output("", [])));
            foreach (var piece in TextCuts.Of(text))
            {
                yield return Event("response.output_text.delta", id, ("content_index", 0), ("delta", piece), ("logprobs", new JsonArray()));
            }

            yield return Event("response.output_text.done", id, ("content_index", 0), ("text", text), ("logprobs", LogProbs()));
            yield return Event("response.content_part.done", id, ("content_index", 0), ("part", Output(text, LogProbs())));
        }

        return new ResponseItem(Item("in_progress"), () => Item(status, Output(choice.Message.Content, LogProbs())), Events());
    }

    private static ResponseItem Function(ApiRequest request, string id, ToolCall call)
    {
        var (group, name) = ResponsesEcho.Apart(request, call.Name);
        JsonObject Item(string state, string arguments) => Grouped(group, new JsonObject
        {
            ["id"] = id,
            ["type"] = "function_call",
            ["status"] = state,
            ["call_id"] = call.Id,
            ["name"] = name,
            ["arguments"] = arguments,
        });
        IEnumerable<JsonObject> Events()
        {
            foreach (var piece in TextCuts.Of(call.ArgumentsJson))
            {
                yield return Event("response.function_call_arguments.delta", id, ("delta", piece));
            }

            yield return Event("response.function_call_arguments.done", id, ("name", name), ("arguments", call.ArgumentsJson));
        }

        return new ResponseItem(Item("in_progress", ""), () => Item(Completed, call.ArgumentsJson), Events());
    }

    private static ResponseItem FreeText(ApiRequest request, string id, ToolCall call)
    {
        var (group, name) = ResponsesEcho.Apart(request, call.Name);
        var input = ToolArguments.ToInput(call.ArgumentsJson);
        JsonObject Item(string text) => Grouped(group, new JsonObject
        {
            ["id"] = id,
            ["type"] = "custom_tool_call",
            ["call_id"] = call.Id,
            ["name"] = name,
            ["input"] = text,
        });
        IEnumerable<JsonObject> Events()
        {
            foreach (var piece in TextCuts.Of(input))
            {
                yield return Event("response.custom_tool_call_input.delta", id, ("delta", piece));
            }

            yield return Event("response.custom_tool_call_input.done", id, ("input", input));
        }

        return new ResponseItem(Item(""), () => Item(input), Events());
    }

    private static JsonObject Grouped(string? group, JsonObject item)
    {
        if (group is not null)
        {
            item["namespace"] = group;
        }

        return item;
    }

    private static JsonObject Event(string type, string itemId, params ReadOnlySpan<(string Name, JsonNode Value)> fields)
    {
        var data = new JsonObject { ["type"] = type, ["item_id"] = itemId };
        foreach (var (name, value) in fields)
        {
            data[name] = value;
        }

        return data;
    }
}
