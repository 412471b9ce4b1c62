using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The checklist's "Anthropic Messages", item by item.</summary>
public sealed class MessagesTests
{
    private static readonly IApiProtocol View = ApiProtocols.Messages;

    [Theory]
    [InlineData("\"temperature\":0.5", "temperature")]
    [InlineData("\"top_p\":0.5", "top_p")]
    [InlineData("\"top_k\":5", "top_k")]
    public void Sampling_parameters_are_read_in_2023_06_01_and_refused_when_2026_10_21_is_held_to(string field, string name)
    {
        var sampling = View.ReadWith(field).Sampling;

        Assert.True(sampling.Temperature == 0.5 || sampling.TopP == 0.5 || sampling.TopK == 5);
        var fault = ApiProtocols.StrictMessages.RefuseWith(field);
        Assert.Equal((ApiFaultKind.Invalid, name), (fault.Kind, fault.Param));
        Assert.Contains("Extra inputs are not permitted", fault.Message, StringComparison.Ordinal);
        Assert.Null(ApiProtocols.StrictMessages.Read(Requests.AnthropicSdk).Sampling.Temperature);
    }

    [Fact]
    public void System_is_a_string_or_blocks_and_system_messages_are_legal()
    {
        Assert.Equal("System: S | User: hi", View.ReadWith("\"system\":\"S\"").Said());
        Assert.Equal("System: Be brief. | User: Hello | User: From now on in French. | User: Again", View.Read(Requests.AnthropicSdk).Said());
    }

    [Fact]
    public void Blocks_text_image_and_document_are_taken()
        => Assert.Equal("User: a[image: not shown, this model reads text only]docblock[document: not shown, this model reads text only]", View.ReadWith("""
            "messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","data":""}},
            {"type":"document","source":{"type":"text","data":"doc"}},{"type":"document","source":{"type":"content","content":[{"type":"text","text":"block"}]}},
            {"type":"document","source":{"type":"base64","data":""}}]}]
            """).Said());

    [Fact]
    public void Thinking_redacted_thinking_and_tool_use_are_the_assistants_turn()
    {
        var request = View.Read(Requests.QwenAnthropic);
        var turn = request.Messages[2];

        Assert.Equal(("I read.", "Read first."), (turn.Content, turn.ReasoningContent));
        Assert.Equal(new ToolCall("call_0_0", "read", """{"path": "x"}"""), Assert.Single(turn.ToolCalls));
        Assert.Null(View.ReadWith("""
            "messages":[{"role":"assistant","content":[{"type":"redacted_thinking","data":"zzz"},{"type":"text","text":"x"}]}]
            """).Last().ReasoningContent);
    }

    [Fact]
    public void Tool_results_as_string_or_blocks_become_messages_of_their_own()
    {
        var request = View.ReadWith("""
            "messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f"}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"one"},
            {"type":"tool_result","tool_use_id":"b","is_error":true},{"type":"text","text":"go on"}]}]
            """);

        Assert.Equal("Assistant:  | Tool: one | Tool: error | User: go on", request.Said());
        Assert.Equal(["a", "b"], request.Messages.Where(message => message.Role == ChatRole.Tool).Select(message => message.ToolCallId));
    }

    [Fact]
    public void Cache_control_changes_nothing_wherever_it_is()
    {
        var node = JsonNode.Parse(Requests.QwenAnthropic)!;
        Strip(node);
        var plain = node.ToJsonString();

        Assert.DoesNotContain("cache_control", plain, StringComparison.Ordinal);
        Assert.True(RenderedMessageComparer.Instance.StartsWith(View.Read(plain).Messages, View.Read(Requests.QwenAnthropic).Messages));
        Assert.Equal(View.Read(Requests.QwenAnthropic).Tools.AsEnumerable(), View.Read(plain).Tools);
    }

    [Theory]
    [InlineData("""{"type":"auto"}""", ToolChoiceMode.Auto, true)]
    [InlineData("""{"type":"any","disable_parallel_tool_use":true}""", ToolChoiceMode.Required, false)]
    [InlineData("""{"type":"tool","name":"f"}""", ToolChoiceMode.Named, true)]
    [InlineData("""{"type":"none"}""", ToolChoiceMode.None, true)]
    public void Tool_choice_auto_any_tool_none_and_disable_parallel_tool_use(string choice, ToolChoiceMode mode, bool parallel)
    {
        var request = View.ReadWith($$$"""
            "tool_choice":{{{choice}}},"tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"bash_20250124","name":"bash"}]
            """);

        Assert.Equal((mode, parallel), (request.ToolChoice.Mode, request.ParallelToolCalls));
        Assert.Equal(["f"], request.Tools.Select(tool => tool.Name));
    }

    [Theory]
    [InlineData("enabled")]
    [InlineData("disabled")]
    [InlineData("adaptive")]
    [InlineData("between_tools")]
    public void Thinking_enabled_disabled_adaptive_and_between_tools(string kind)
    {
        var request = View.ReadWith($$$"""
            "thinking":{"type":"{{{kind}}}","budget_tokens":1024}
            """);

        var content = View.Write(request, Replies.Text("hi"))["content"]!.AsArray();

        Assert.Equal(kind == "disabled" ? ["text"] : ["thinking", "text"], content.Select(block => block!["type"].Text()));
    }

    [Fact]
    public void Stop_sequences_metadata_effort_and_format_are_read()
    {
        var request = View.ReadWith("""
            "stop_sequences":["a","b","c","d","e"],"metadata":{"user_id":"u"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},
            "service_tier":"auto","container":null,"mcp_servers":[],"context_management":{},"betas":["x"]
            """);

        Assert.Equal(5, request.Sampling.Stop.Length);
        Assert.Equal("""{"type":"object"}""", request.ResponseSchema!.ToJsonString());
    }

    [Theory]
    [InlineData("\"max_tokens\":null", "max_tokens")]
    [InlineData("\"max_tokens\":\"1\"", "max_tokens")]
    [InlineData("\"messages\":{}", "messages")]
    [InlineData("\"messages\":[{\"role\":\"tool\",\"content\":\"\"}]", "messages[0].role")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\"}]}]", "messages[0].content[0]")]
    [InlineData("\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\",\"input\":[]}]}]", "messages[0].content[0].input")]
    [InlineData("\"thinking\":{\"type\":\"deep\"}", "thinking.type")]
    [InlineData("\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}", "tool_choice.name")]
    [InlineData("\"tool_choice\":{}", "tool_choice.type")]
    public void A_refusal_names_the_field(string fields, string param) => Assert.Equal(param, View.RefuseWith(fields).Param);

    [Fact]
    public void Count_tokens_needs_no_limit_and_answers_a_number()
    {
        var request = MessagesTokenCount.Read(Requests.Parse("""{"model":"m","messages":[{"role":"user","content":"hi"}],"system":"s"}"""));

        Assert.Equal("System: s | User: hi", request.Said());
        Assert.Equal("""{"input_tokens":12}""", MessagesTokenCount.Write(12).ToJsonString());
    }

    [Theory]
    [InlineData(ApiEnd.Stop, "end_turn", null)]
    [InlineData(ApiEnd.StopText, "stop_sequence", "END")]
    [InlineData(ApiEnd.MaxTokens, "max_tokens", null)]
    [InlineData(ApiEnd.ContextFull, "model_context_window_exceeded", null)]
    [InlineData(ApiEnd.ToolCalls, "tool_use", null)]
    public void Stop_reason(ApiEnd end, string reason, string? sequence)
    {
        var answer = View.Write(View.Read(Requests.AnthropicSdk), Replies.Text("x", end, sequence));

        Assert.Equal((reason, sequence), (answer["stop_reason"].Text(), answer["stop_sequence"].Text()));
    }

    [Fact]
    public void An_answer_has_blocks_and_usage_with_cached_tokens_apart()
    {
        var answer = View.Write(View.Read(Requests.QwenAnthropic), Replies.Calls(Replies.Call));

        Assert.Equal(("msg_r-1", "message", "assistant"), (answer["id"].Text(), answer["type"].Text(), answer["role"].Text()));
        Assert.Equal("""{"city":"Oslo","days":[1,2]}""", answer["content"]![1]!["input"]!.ToJsonString());
        Assert.Equal((40, 60, 20), (
            answer["usage"]!["input_tokens"]!.GetValue<int>(),
            answer["usage"]!["cache_read_input_tokens"]!.GetValue<int>(),
            answer["usage"]!["output_tokens"]!.GetValue<int>()));
    }

    [Fact]
    public void A_stream_has_its_events_in_their_order()
    {
        var events = View.Stream(View.Read(Requests.QwenAnthropic), Replies.Calls(Replies.Call));

        Assert.Equal(
            [
                "message_start", "ping", "ping", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
                "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
            ],
            events.Select(one => one.Name));
        Assert.Equal(
            ["thinking_delta", "signature_delta", "input_json_delta"],
            events.Where(one => one.Name == "content_block_delta").Select(one => one.Parsed()["delta"]!["type"].Text()));
        Assert.Equal(events.Select(one => one.Name), events.Data().Select(one => one["type"].Text()));
    }

    [Fact]
    public void Deltas_of_a_stream_join_to_the_blocks_of_the_answer()
    {
        var request = View.Read(Requests.QwenAnthropic);
        var reply = Replies.Of(new ApiChoice(Replies.Message(Replies.LongText, Replies.Call), ApiEnd.ToolCalls, null, []));
        var deltas = View.Stream(request, reply).Where(one => one.Name == "content_block_delta").Data();
        var content = View.Write(request, reply)["content"]!;

        Assert.Equal(content[0]!["thinking"].Text(), deltas.Joined(one => one["delta"]!["thinking"]));
        Assert.Equal(content[0]!["signature"].Text(), deltas.Joined(one => one["delta"]!["signature"]));
        Assert.Equal(content[1]!["text"].Text(), deltas.Joined(one => one["delta"]!["text"]));
        Assert.Equal(content[2]!["input"]!.ToJsonString(), deltas.Joined(one => one["delta"]!["partial_json"]));
        Assert.Equal([0, 1, 2], deltas.Select(one => one["index"]!.GetValue<int>()).Distinct());
    }

    [Fact]
    public void Message_delta_has_stop_reason_and_usage()
    {
        var delta = View.Stream(View.Read(Requests.QwenAnthropic), Replies.Text("hi")).Single(one => one.Name == "message_delta").Parsed();

        Assert.Equal(("end_turn", 20), (delta["delta"]!["stop_reason"].Text(), delta["usage"]!["output_tokens"]!.GetValue<int>()));
    }

    [Fact]
    public void A_signature_brings_thinking_back_that_a_client_left_out()
    {
        var reply = Replies.Of(new ApiChoice(Replies.Message("text", Replies.Call), ApiEnd.ToolCalls, null, []));
        string? Back(string fields, Action<JsonObject> change)
        {
            var content = View.Write(View.ReadWith(fields), reply)["content"]!;
            change(content[0]!.AsObject());
            var message = new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() };
            return View.ReadWith($"\"messages\":[{message.ToJsonString()}]").Last().ReasoningContent;
        }

        Assert.Equal(Replies.Thinking, Back("\"system\":\"s\"", _ => { }));
        Assert.Equal(Replies.Thinking, Back("\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"}", block => Assert.Equal("", block["thinking"].Text())));
        Assert.Equal("changed", Back("\"system\":\"s\"", block => block["thinking"] = "changed"));
        Assert.Null(Back("\"system\":\"s\"", block => (block["thinking"], block["signature"]) = ("", block["signature"].Text()![..^3])));
        Assert.Null(Back("\"system\":\"s\"", block => (block["thinking"], block["signature"]) = ("", "of another vendor")));
    }

    [Fact]
    public void An_answer_that_a_client_sends_back_is_the_message_that_was_answered()
    {
        var reply = Replies.Of(new ApiChoice(Replies.Message("text", Replies.Call), ApiEnd.ToolCalls, null, []));
        var answer = View.Write(View.Read(Requests.QwenAnthropic), reply);
        var message = new JsonObject { ["role"] = "assistant", ["content"] = answer["content"]!.DeepClone() };

        Assert.True(RenderedMessageComparer.Instance.Equals(
            reply.Choices[0].Message, View.ReadWith($"\"messages\":[{message.ToJsonString()}]").Last()));
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            fields.Remove("cache_control");
        }

        foreach (var inner in node is JsonObject own ? own.Select(field => field.Value) : node is JsonArray items ? items : [])
        {
            Strip(inner);
        }
    }
}
