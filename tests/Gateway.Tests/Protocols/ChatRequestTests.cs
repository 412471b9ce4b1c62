using System.Text.Json;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The checklist's "Chat Completions request", item by item.</summary>
public sealed class ChatRequestTests
{
    private static readonly IApiProtocol View = ApiProtocols.Chat;

    [Fact]
    public void Roles_system_developer_user_assistant_tool_and_function_are_read()
    {
        var request = View.ReadWith("""
            "messages":[{"role":"system","content":"S"},{"role":"developer","content":"D"},{"role":"user","content":"U"},
            {"role":"assistant","content":"A","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"F"},
            {"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]},
            {"role":"tool","tool_call_id":"c","content":"T"},{"role":"system","content":"late"}]
            """);

        Assert.Equal("System: S\n\nD | User: U | Assistant: A | Tool: F | Assistant:  | Tool: T | User: late", request.Said());
    }

    [Fact]
    public void Content_parts_text_image_url_input_audio_file_and_refusal_are_taken()
    {
        var request = View.ReadWith("""
            "messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:,"}},
            {"type":"input_audio","input_audio":{}},{"type":"file","file":{}},{"type":"text","text":"b"}]},
            {"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},{"role":"assistant","content":null,"refusal":"never"}]
            """);

        Assert.Equal(
            "aimage_urlinput_audiofileb",
            request.Messages[0].Content.Replace(": not shown, this model reads text only", "", StringComparison.Ordinal)
                .Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal));
        Assert.Equal(["no", "never"], request.Messages.Skip(1).Select(message => message.Content));
    }

    [Fact]
    public void Tool_messages_as_arrays_keep_several_parts_and_one_part_is_the_same_as_a_string()
    {
        const string Call = """{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}""";
        ChatMessage Result(string content) => View.ReadWith($$$"""
            "messages":[{{{Call}}},{"role":"tool","tool_call_id":"c","content":{{{content}}}}]
            """).Last();

        Assert.Equal(Result("\"x\""), Result("""[{"type":"text","text":"x"}]"""));
        Assert.Equal(["x", "y"], Result("""[{"type":"text","text":"x"},{"type":"text","text":"y"}]""").ContentParts!.Value);
    }

    [Fact]
    public void Empty_null_and_missing_content_are_the_same()
    {
        string Said(string content) => View.ReadWith($$$"""
            "messages":[{"role":"user","content":"u"},{"role":"assistant"{{{content}}}}]
            """).Said();

        Assert.Equal(Said(""), Said(""","content":null"""));
        Assert.Equal(Said(""), Said(""","content":"" """));
        Assert.Equal(Said(""), Said(""","content":[]"""));
    }

    [Fact]
    public void Tools_function_and_custom_are_read_and_strict_stays_with_the_function()
    {
        var request = View.ReadWith("""
            "tools":[{"type":"function","function":{"parameters":{"type":"object"},"name":"f","strict":true}},
            {"type":"custom","custom":{"name":"c","description":"d"}},{"type":"web_search_preview"}]
            """);

        Assert.Equal(["f", "c"], request.Tools.Select(tool => tool.Name));
        Assert.Equal("""{"parameters":{"type":"object"},"name":"f","strict":true}""", request.Tools[0].FunctionJson);
        Assert.Equal("""{"type":"object"}""", request.Tools[0].ParametersJson);
        Assert.Contains("\"input\"", request.Tools[1].ParametersJson, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"auto\"", ToolChoiceMode.Auto, null)]
    [InlineData("\"none\"", ToolChoiceMode.None, null)]
    [InlineData("\"required\"", ToolChoiceMode.Required, null)]
    [InlineData("""{"type":"function","function":{"name":"f"}}""", ToolChoiceMode.Named, "f")]
    [InlineData("""{"type":"custom","custom":{"name":"g"}}""", ToolChoiceMode.Named, "g")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}}""",
        ToolChoiceMode.Required, null)]
    public void Tool_choice_auto_none_required_named_and_allowed_tools(string choice, ToolChoiceMode mode, string? name)
    {
        var request = View.ReadWith($$$"""
            "tool_choice":{{{choice}}},"tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"g"}}]
            """);

        Assert.Equal(new ToolChoice(mode, name), request.ToolChoice);
        Assert.Equal(choice.Contains("allowed", StringComparison.Ordinal) ? ["g"] : ["f", "g"], request.Tools.Select(tool => tool.Name));
    }

    [Theory]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"x\"}}", "tool_choice.function.name")]
    [InlineData("\"tool_choice\":\"always\"", "tool_choice")]
    [InlineData("\"temperature\":3", "temperature")]
    [InlineData("\"temperature\":\"hot\"", "temperature")]
    [InlineData("\"top_p\":1.5", "top_p")]
    [InlineData("\"n\":129", "n")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "stop")]
    [InlineData("\"stop\":\"\"", "stop")]
    [InlineData("\"seed\":1e30", "seed")]
    [InlineData("\"top_logprobs\":5", "top_logprobs")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs")]
    [InlineData("\"logit_bias\":{\"1\":101}", "logit_bias.1")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type")]
    [InlineData("\"stream\":1", "stream")]
    [InlineData("\"metadata\":{\"a\":1}", "metadata.a")]
    [InlineData("\"model\":\"\"", "model")]
    [InlineData("\"messages\":[]", "messages")]
    [InlineData("\"messages\":\"hi\"", "messages")]
    [InlineData("\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]", "messages[0].role")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0].text")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"y\"}]", "messages[1]")]
    [InlineData("\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"[1]\"}}]}]", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]", "tools[1].function")]
    public void A_refusal_names_the_field(string fields, string param)
    {
        var fault = View.RefuseWith(fields);

        Assert.Equal((ApiFaultKind.Invalid, param), (fault.Kind, fault.Param));
        Assert.Contains(param, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_shows_the_value_and_cuts_a_long_one()
    {
        Assert.Contains("temperature is 3: it must be a number from 0 to 2", View.RefuseWith("\"temperature\":3").Message, StringComparison.Ordinal);
        Assert.InRange(View.RefuseWith($"\"temperature\":\"{new string('x', 9999)}\"").Message.Length, 80, 200);
    }

    [Fact]
    public void Max_tokens_and_max_completion_tokens_are_both_taken()
    {
        Assert.Equal(5, View.ReadWith("\"max_tokens\":5").Sampling.MaxTokens);
        Assert.Equal(6, View.ReadWith("\"max_completion_tokens\":6.0").Sampling.MaxTokens);
        Assert.Equal(6, View.ReadWith("\"max_tokens\":5,\"max_completion_tokens\":6").Sampling.MaxTokens);
        Assert.Null(View.ReadWith("\"max_tokens\":null").Sampling.MaxTokens);
    }

    [Fact]
    public void N_seed_int64_stop_temperature_top_p_and_logprobs_are_read()
    {
        var request = View.Read(Requests.OpenAiSdk);

        Assert.Equal((2, 9007199254740993, true, 2), (request.Count, request.Sampling.Seed, request.Sampling.LogProbs, request.Sampling.TopLogProbs));
        Assert.Equal((0.7, 0.9), (request.Sampling.Temperature, request.Sampling.TopP));
        Assert.Equal(["END", "\n\n"], request.Sampling.Stop);
        Assert.Equal(["x"], View.ReadWith("\"stop\":\"x\"").Sampling.Stop);
        Assert.Equal(128, View.ReadWith("\"n\":128").Count);
    }

    [Fact]
    public void Response_format_text_json_object_and_json_schema()
    {
        Assert.Null(View.ReadWith("\"response_format\":{\"type\":\"text\"}").ResponseSchema);
        Assert.Equal("""{"type":"object"}""", View.ReadWith("\"response_format\":{\"type\":\"json_object\"}").ResponseSchema!.ToJsonString());
        Assert.Equal(
            """{"type":"object","required":["a"]}""",
            View.ReadWith("""
                "response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","required":["a"]}}}
                """).ResponseSchema!.ToJsonString());
    }

    [Fact]
    public void Stream_options_include_usage_and_include_obfuscation()
    {
        var request = View.ReadWith("\"stream\":true,\"stream_options\":{\"include_usage\":true,\"include_obfuscation\":true}");

        Assert.True(request is { Stream: true, IncludeUsage: true });
        Assert.False(View.ReadWith("\"stream_options\":null").IncludeUsage);
    }

    [Fact]
    public void Parallel_tool_calls_is_read_and_true_by_default()
    {
        Assert.False(View.ReadWith("\"parallel_tool_calls\":false").ParallelToolCalls);
        Assert.True(View.ReadWith("\"user\":\"u\"").ParallelToolCalls);
    }

    [Fact]
    public void Reasoning_content_and_reasoning_details_of_assistant_messages_are_the_turns_thinking()
    {
        string? Thinking(string field) => View.ReadWith($$$"""
            "messages":[{"role":"assistant","content":"a",{{{field}}}}]
            """).Last().ReasoningContent;

        Assert.Equal("t", Thinking("\"reasoning_content\":\"t\""));
        Assert.Equal("tu", Thinking("""
            "reasoning_details":[{"type":"reasoning.text","text":"t"},{"text":"u"}]
            """));
        Assert.Null(Thinking("\"reasoning_content\":\"\""));
    }

    [Fact]
    public void Unknown_fields_are_ignored()
        => Assert.Equal("User: hi", View.ReadWith("""
            "x_vendor":{"a":[1]},"chat_template_kwargs":{},"reasoning_effort":"none","verbosity":"high","modalities":["text"],"prediction":null,
            "web_search_options":{},"frequency_penalty":2,"service_tier":"flex","safety_identifier":"s","repetition_penalty":1.1
            """).Said());

    [Fact]
    public void Arguments_have_one_spelling_however_a_client_prints_them()
    {
        string Arguments(string json) => View.ReadWith($$$"""
            "messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{{{json}}}}}]}]
            """).Last().ToolCalls[0].ArgumentsJson;

        Assert.Equal("""{"a": [1, 2], "b": "é"}""", Arguments("""" "{\"a\":[1,2],\"b\":\"\\u00e9\"}" """"));
        Assert.Equal(Arguments("\"{}\""), Arguments("\"\""));
        Assert.Equal("""{"a":1e999}""", Arguments(""""  "{\"a\":1e999}"  """"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public void A_body_that_is_no_object_is_refused(string json) => Assert.Contains("body", View.Refuse(json).Message, StringComparison.Ordinal);

    [Fact]
    public void Half_a_surrogate_pair_is_refused_and_a_whole_one_is_not()
    {
        Assert.Contains("surrogate", View.Refuse("""{"model":"m","messages":[],"user":"\ud83d"}""").Message, StringComparison.Ordinal);
        Assert.Equal("🙂", View.Read("""{"model":"m","messages":[{"role":"user","content":"\uD83D\uDE42"}]}""").Last().Content);
    }

    [Fact]
    public void A_body_that_is_nested_too_deeply_is_refused()
    {
        string Nested(int levels) => $$"""{"model":"m","messages":[{"role":"user","content":"]"}],"x":{{new string('[', levels)}}{{new string(']', levels)}}}""";
        using var deep = JsonDocument.Parse(Nested(64), new JsonDocumentOptions { MaxDepth = 1000 });

        Assert.Equal("]", View.Read(Nested(63)).Last().Content);
        Assert.Contains("64 levels", Assert.Throws<ApiFaultException>(() => View.Read(deep.RootElement)).Message, StringComparison.Ordinal);
    }
}
