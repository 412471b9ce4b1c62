using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The checklist's "Responses", item by item.</summary>
public sealed class ResponsesTests
{
    private static readonly IApiProtocol View = ApiProtocols.Responses;

    [Fact]
    public void Input_is_a_string_or_items_and_instructions_come_first()
    {
        Assert.Equal("System: be kind | User: hi", View.ReadWith("\"instructions\":\"be kind\"").Said());
        Assert.Equal("User: a | Assistant: b | User: c", View.ReadWith("""
            "input":[{"role":"user","content":"a"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]},
            {"role":"user","content":[{"type":"input_text","text":"c"}]}]
            """).Said());
    }

    [Fact]
    public void Reasoning_message_and_function_calls_of_one_answer_are_one_message_again()
    {
        var request = View.Read(Requests.Codex);

        Assert.Equal(
            "System: You are Codex.\n\n<permissions/> | User: <environment_context/> | User: Fix it. | Assistant:  | Tool: a.cs | Tool: ok", request.Said());
        Assert.Equal("List first.", request.Messages[3].ReasoningContent);
        Assert.Equal(["shell", "multi_agent_v1__spawn"], request.Messages[3].ToolCalls.Select(call => call.Name));
    }

    [Fact]
    public void Custom_tool_calls_and_their_outputs_are_read()
    {
        var request = View.ReadWith("""
            "input":[{"role":"user","content":"x"},{"type":"custom_tool_call","call_id":"c","name":"patch","input":"*** Begin"},
            {"type":"custom_tool_call_output","call_id":"c","output":[{"type":"input_text","text":"done"}]}]
            """);

        Assert.Equal("""{"input": "*** Begin"}""", request.Messages[1].ToolCalls[0].ArgumentsJson);
        Assert.Equal("done", request.Last().Content);
    }

    [Fact]
    public void Compaction_items_are_taken_and_items_of_other_kinds_ignored()
        => Assert.Equal("User: [compaction: not shown, this model reads text only] | User: y", View.ReadWith("""
            "input":[{"type":"compaction","encrypted_content":"zzz"},{"type":"web_search_call","id":"ws","status":"completed"},
            {"type":"local_shell_call","call_id":"l","action":{}},{"type":"brand_new_item"},{"role":"user","content":"y"}]
            """).Said());

    [Fact]
    public void Item_references_and_previous_response_id_are_refused_since_nothing_is_kept()
    {
        Assert.Equal("input[0]", View.RefuseWith("\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_1\"}]").Param);
        Assert.Equal("previous_response_id", View.RefuseWith("\"previous_response_id\":\"resp_1\"").Param);
        Assert.Equal("User: hi", View.ReadWith("\"previous_response_id\":null").Said());
    }

    [Fact]
    public void Unknown_tools_are_ignored_or_flattened_never_refused()
    {
        var request = View.ReadWith("""
            "tools":[{"type":"web_search"},{"type":"local_shell"},{"type":"mcp","server_label":"s"},{"type":"custom","name":"c","format":{"type":"text"}},
            {"type":"namespace","name":"n","tools":[{"type":"function","name":"f","parameters":null},{"type":"custom","name":"g"}]},{"type":"from_tomorrow"},{}]
            """);

        Assert.Equal(["c", "n__f", "n__g"], request.Tools.Select(tool => tool.Name));
        Assert.Equal(ToolChoiceMode.Auto, View.ReadWith("\"tool_choice\":{\"type\":\"web_search_preview\"}").ToolChoice.Mode);
    }

    [Fact]
    public void Text_format_max_output_tokens_store_include_truncation_and_metadata_are_read()
    {
        var request = View.ReadWith("""
            "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}},"verbosity":"low"},"max_output_tokens":77,"store":true,
            "include":["message.output_text.logprobs"],"top_logprobs":3,"truncation":"auto","metadata":{"a":"b"},"client_metadata":{"x":1},"temperature":0.5
            """);
        var answer = View.Write(request, Replies.Text("hi"));

        Assert.Equal((77, true, 3), (request.Sampling.MaxTokens, request.Sampling.LogProbs, request.Sampling.TopLogProbs));
        Assert.Equal("""{"type":"object"}""", request.ResponseSchema!.ToJsonString());
        Assert.Equal(("b", "auto", 0.5), (answer["metadata"]!["a"].Text(), answer["truncation"].Text(), answer["temperature"]!.GetValue<double>()));
        Assert.Equal(3, answer["output"]![1]!["content"]![0]!["logprobs"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("\"input\":5", "input")]
    [InlineData("\"input\":[]", "input")]
    [InlineData("\"input\":[{\"type\":\"message\",\"role\":\"robot\",\"content\":\"\"}]", "input[0].role")]
    [InlineData("\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"x\"}]", "input[0]")]
    [InlineData("\"input\":[{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"x\"}]", "input[0].arguments")]
    [InlineData("\"max_output_tokens\":0", "max_output_tokens")]
    [InlineData("\"reasoning\":\"high\"", "reasoning")]
    [InlineData("\"truncation\":\"some\"", "truncation")]
    [InlineData("\"user\":{}", "user")]
    public void A_refusal_names_the_field(string fields, string param) => Assert.Equal(param, View.RefuseWith(fields).Param);

    [Fact]
    public void An_answer_says_status_output_usage_and_what_was_asked()
    {
        var answer = View.Write(View.Read(Requests.Codex), Replies.Text("hi"));

        Assert.Equal(("resp_r-1", "response", "completed"), (answer["id"].Text(), answer["object"].Text(), answer["status"].Text()));
        Assert.Equal(("You are Codex.", 3), (answer["instructions"].Text(), answer["tools"]!.AsArray().Count));
        Assert.Equal(["reasoning", "message"], answer["output"]!.AsArray().Select(item => item!["type"].Text()));
        Assert.Equal(
            """{"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":0},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":120}""",
            answer["usage"]!.ToJsonString());
        Assert.False(answer["store"]!.GetValue<bool>());
        Assert.DoesNotContain(answer, field => field.Key.StartsWith('$'));
    }

    [Theory]
    [InlineData(ApiEnd.MaxTokens)]
    [InlineData(ApiEnd.ContextFull)]
    public void An_answer_that_was_cut_off_is_incomplete(ApiEnd end)
    {
        var answer = View.Write(View.ReadWith("\"store\":false"), Replies.Text("hi", end));

        Assert.Equal(("incomplete", "max_output_tokens"), (answer["status"].Text(), answer["incomplete_details"]!["reason"].Text()));
        Assert.Equal("response.incomplete", View.Stream(View.ReadWith("\"stream\":true"), Replies.Text("hi", end))[^1].Name);
    }

    [Fact]
    public void Calls_of_grouped_and_free_text_tools_come_back_as_they_were_defined()
    {
        var request = View.ReadWith("""
            "tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]},{"type":"custom","name":"c"}]
            """);
        var output = View.Write(request, Replies.Calls(new ToolCall("1", "n__f", "{}"), new ToolCall("2", "c", """{"input": "raw"}""")))["output"]!;

        Assert.Equal(("function_call", "n", "f"), (output[1]!["type"].Text(), output[1]!["namespace"].Text(), output[1]!["name"].Text()));
        Assert.Equal(("custom_tool_call", "c", "raw"), (output[2]!["type"].Text(), output[2]!["name"].Text(), output[2]!["input"].Text()));
    }

    [Fact]
    public void Events_are_numbered_without_holes_and_named_by_their_type()
    {
        var events = View.Stream(View.Read(Requests.Codex), Replies.Calls(Replies.Call));
        var data = events.Data();

        Assert.Equal(Enumerable.Range(0, data.Count), data.Select(one => one["sequence_number"]!.GetValue<int>()));
        Assert.Equal(events.Select(one => one.Name), data.Select(one => one["type"].Text()));
    }

    [Fact]
    public void Events_of_text_come_in_their_order()
    {
        var types = View.Stream(View.ReadWith("\"stream\":true"), Replies.Text("hi")).Select(one => one.Name).ToList();

        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.in_progress",
                "response.output_item.added", "response.content_part.added", "response.reasoning_text.delta", "response.reasoning_text.done",
                "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done", "response.completed",
            ],
            types);
    }

    [Fact]
    public void Events_of_a_summary_come_when_one_is_asked_for()
    {
        var events = View.Stream(View.Read(Requests.Codex), Replies.Text("hi"));

        Assert.Contains(events, one => one.Name == "response.reasoning_summary_part.added");
        Assert.DoesNotContain(events, one => one.Name == "response.reasoning_text.delta");
        Assert.Equal(
            Replies.Thinking,
            events.Where(one => one.Name == "response.reasoning_summary_text.delta").Data().Joined(one => one["delta"]));
    }

    [Fact]
    public void Events_of_calls_join_to_the_arguments()
    {
        var request = View.ReadWith("\"tools\":[{\"type\":\"custom\",\"name\":\"c\"}]");
        var longCall = new ToolCall("1", "weather", $$$"""{"city": "{{{Replies.LongText}}}"}""");
        var events = View.Stream(request, Replies.Calls(longCall, new ToolCall("2", "c", """{"input": "raw"}""")));

        Assert.Equal(longCall.ArgumentsJson, events.Where(one => one.Name == "response.function_call_arguments.delta").Data().Joined(one => one["delta"]));
        Assert.Equal("weather", events.Single(one => one.Name == "response.function_call_arguments.done").Parsed()["name"].Text());
        Assert.Equal("raw", events.Single(one => one.Name == "response.custom_tool_call_input.done").Parsed()["input"].Text());
    }

    [Fact]
    public void Text_and_output_of_a_stream_are_those_of_the_answer()
    {
        var request = View.Read(Requests.Codex);
        var reply = Replies.Text(Replies.LongText);
        var last = View.Stream(request, reply)[^1].Parsed()["response"]!;

        Assert.Equal(View.Write(request, reply).ToJsonString(), last.ToJsonString());
    }

    [Fact]
    public void A_no_op_repeats_in_progress()
        => Assert.Equal("response.in_progress", View.Begin(View.ReadWith("\"stream\":true"), "r-1", Replies.Created).NoOp().Name);

    [Theory]
    [InlineData(ApiFaultKind.Internal, "server_error")]
    [InlineData(ApiFaultKind.TooMany, "rate_limit_exceeded")]
    [InlineData(ApiFaultKind.ContextFull, "context_length_exceeded")]
    [InlineData(ApiFaultKind.EpisodeOver, "invalid_prompt")]
    public void A_lost_stream_fails(ApiFaultKind kind, string code)
    {
        var events = View.Begin(View.ReadWith("\"stream\":true"), "r-1", Replies.Created);
        _ = events.Open().ToList();

        var failed = Assert.Single(events.Fail(new ApiFaultException(kind, "lost"))).Parsed();

        Assert.Equal(("response.failed", "failed", code), (failed["type"].Text(), failed["response"]!["status"].Text(), failed["response"]!["error"]!["code"].Text()));
    }

    [Fact]
    public void Before_anything_was_said_a_lost_stream_is_an_error_event()
    {
        var events = View.Begin(View.ReadWith("\"stream\":true"), "r-1", Replies.Created);

        Assert.Equal("error", Assert.Single(events.Fail(new ApiFaultException(ApiFaultKind.Internal, "lost"))).Name);
    }

    [Theory]
    [InlineData("\"include\":[\"reasoning.encrypted_content\"],\"reasoning\":{\"summary\":\"auto\"}")]
    [InlineData("\"include\":[\"reasoning.encrypted_content\"]")]
    [InlineData("\"reasoning\":{\"effort\":\"high\"}")]
    public void Output_that_a_client_sends_back_is_the_message_that_was_answered(string fields)
    {
        var reply = Replies.Of(new ApiChoice(Replies.Message("text", Replies.Call), ApiEnd.ToolCalls, null, []));
        var output = View.Write(View.ReadWith(fields), reply)["output"]!.AsArray();
        string Back(Action<JsonObject> change)
        {
            var items = output.DeepClone().AsArray();
            change(items[0]!.AsObject());
            return View.ReadWith($"\"input\":{items.ToJsonString()}").Last().ReasoningContent!;
        }

        Assert.True(RenderedMessageComparer.Instance.Equals(reply.Choices[0].Message, View.ReadWith($"\"input\":{output.ToJsonString()}").Last()));
        Assert.Equal(Replies.Thinking, Back(_ => { }));
        if (fields.Contains("encrypted", StringComparison.Ordinal))
        {
            Assert.Equal(Replies.Thinking, Back(item => (item["content"], item["summary"]) = (null, new JsonArray())));
        }
    }
}
