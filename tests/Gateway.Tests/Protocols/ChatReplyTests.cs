using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The checklist's "Chat response" and "Chat stream", item by item.</summary>
public sealed class ChatReplyTests
{
    private static readonly IApiProtocol View = ApiProtocols.Chat;

    private static readonly string[] CallTools = ["weather", "patch"];

    private static string Tools => """
        "tools":[{"type":"function","function":{"name":"weather"}},{"type":"custom","custom":{"name":"patch"}}]
        """;

    [Fact]
    public void Required_keys_are_there()
    {
        var answer = View.Write(View.ReadWith("\"user\":\"u\""), Replies.Text("hi"));

        Assert.Equal("chatcmpl-r-1", answer["id"].Text());
        Assert.Equal(("chat.completion", 1_800_000_000L, "forge"), (answer["object"].Text(), answer["created"]!.GetValue<long>(), answer["model"].Text()));
        var message = answer["choices"]![0]!["message"]!.AsObject();
        Assert.Equal(("assistant", "hi"), (message["role"].Text(), message["content"].Text()));
        Assert.True(message.ContainsKey("refusal") && answer["choices"]![0]!.AsObject().ContainsKey("logprobs"));
    }

    [Theory]
    [InlineData(ApiEnd.Stop, "stop")]
    [InlineData(ApiEnd.StopText, "stop")]
    [InlineData(ApiEnd.MaxTokens, "length")]
    [InlineData(ApiEnd.ContextFull, "length")]
    [InlineData(ApiEnd.ToolCalls, "tool_calls")]
    public void Finish_reason(ApiEnd end, string reason)
        => Assert.Equal(reason, View.Write(View.ReadWith("\"user\":\"u\""), Replies.Text("x", end))["choices"]![0]!["finish_reason"].Text());

    [Fact]
    public void Functions_are_answered_in_the_older_words()
    {
        var request = View.ReadWith("\"functions\":[{\"name\":\"weather\",\"parameters\":{}}],\"function_call\":{\"name\":\"weather\"}");

        var answer = View.Write(request, Replies.Calls(Replies.Call));

        Assert.Equal(new ToolChoice(ToolChoiceMode.Named, "weather"), request.ToolChoice);
        Assert.Equal("function_call", answer["choices"]![0]!["finish_reason"].Text());
        Assert.Equal("weather", answer["choices"]![0]!["message"]!["function_call"]!["name"].Text());
        var deltas = View.Stream(request, Replies.Calls(Replies.Call)).Data();
        Assert.Equal(Replies.Call.ArgumentsJson, deltas.Joined(chunk => chunk["choices"]![0]!["delta"]!["function_call"]?["arguments"]));
    }

    [Fact]
    public void Content_is_null_with_tool_calls()
    {
        var answer = View.Write(View.ReadWith(Tools), Replies.Calls(Replies.Call, new ToolCall("c2", "patch", """{"input": "*** Begin"}""")));
        var message = answer["choices"]![0]!["message"]!;

        Assert.Null(message["content"]);
        Assert.Equal(CallTools, message["tool_calls"]!.AsArray().Select(call => call![call["type"].Text()!]!["name"].Text()));
        Assert.Equal(Replies.Call.ArgumentsJson, message["tool_calls"]![0]!["function"]!["arguments"].Text());
        Assert.Equal("*** Begin", message["tool_calls"]![1]!["custom"]!["input"].Text());
    }

    [Fact]
    public void Reasoning_content_comes_apart_and_reasoning_details_with_reasoning_split()
    {
        var message = View.Write(View.ReadWith("\"user\":\"u\""), Replies.Text("hi"))["choices"]![0]!["message"]!.AsObject();
        var split = View.Write(View.ReadWith("\"reasoning_split\":true"), Replies.Text("hi"))["choices"]![0]!["message"]!;

        Assert.Equal(Replies.Thinking, message["reasoning_content"].Text());
        Assert.False(message.ContainsKey("reasoning_details"));
        Assert.Equal(Replies.Thinking, split["reasoning_details"]![0]!["text"].Text());
    }

    [Fact]
    public void Logprobs_have_token_logprob_bytes_and_top_logprobs()
    {
        var reply = Replies.Of(Replies.Choice("a"), Replies.Choice("b"));
        var logProbs = View.Write(View.Read(Requests.OpenAiSdk), reply)["choices"]![1]!["logprobs"]!["content"]!.AsArray();

        Assert.Equal(["\uFFFD", "yes", "!"], logProbs.Select(token => token!["token"].Text()));
        Assert.Equal("[240,159]", logProbs[0]!["bytes"]!.ToJsonString());
        Assert.Equal([-0.5, -9999], logProbs[0]!["top_logprobs"]!.AsArray().Select(top => top!["logprob"]!.GetValue<double>()));
    }

    [Fact]
    public void Usage_has_cached_and_reasoning_tokens_and_system_fingerprint_is_the_policy_version()
    {
        var answer = View.Write(View.ReadWith("\"user\":\"u\""), Replies.Text("hi"));

        Assert.Equal(
            """{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":5}}""",
            answer["usage"]!.ToJsonString());
        Assert.Equal("policy-7", answer["system_fingerprint"].Text());
    }

    [Fact]
    public void Metadata_is_said_again()
        => Assert.Equal("r1", View.Write(View.Read(Requests.OpenAiSdk), Replies.Text("hi"))["metadata"]!["run"].Text());

    [Fact]
    public void The_first_chunk_of_a_stream_has_the_role()
    {
        var first = View.Begin(View.Read(Requests.OpenAiSdk), "r-1", Replies.Created).Open().Data();

        Assert.Equal([0, 1], first.Select(chunk => chunk["choices"]![0]!["index"]!.GetValue<int>()));
        Assert.All(first, chunk => Assert.Equal("assistant", chunk["choices"]![0]!["delta"]!["role"].Text()));
    }

    [Fact]
    public void Reasoning_deltas_come_before_content_and_join_to_the_whole()
    {
        var stream = View.Stream(View.ReadWith("\"stream\":true"), Replies.Text(Replies.LongText));
        var deltas = stream.Data().Select(chunk => chunk["choices"]![0]!["delta"]!).ToList();

        Assert.Equal(Replies.Thinking, deltas.Joined(delta => delta["reasoning_content"]));
        Assert.Equal(Replies.LongText, deltas.Joined(delta => delta["content"]));
        Assert.True(deltas.Count(delta => delta["content"] is not null) > 3);
        Assert.True(deltas.FindLastIndex(delta => delta["reasoning_content"] is not null) < deltas.FindIndex(delta => delta["content"].Text() is { Length: > 0 }));
        Assert.Equal("[DONE]", stream[^1].Data);
    }

    [Fact]
    public void Tool_call_deltas_are_keyed_by_index_with_id_and_name_once_and_arguments_in_fragments()
    {
        var second = new ToolCall("c2", "weather", $$$"""{"city": "{{{Replies.LongText}}}"}""");
        var chunks = View.Stream(View.ReadWith(Tools), Replies.Calls(Replies.Call, second)).Data();
        var calls = chunks.Select(chunk => chunk["choices"]![0]!["delta"]!["tool_calls"]?[0]).OfType<JsonNode>().ToList();
        var ofSecond = calls.Where(call => call["index"]!.GetValue<int>() == 1).ToList();

        Assert.Equal(["call_0_0", "c2"], calls.Where(call => call["id"] is not null).Select(call => call["id"].Text()));
        Assert.Equal(2, calls.Count(call => call["function"]!["name"] is not null));
        Assert.True(ofSecond.Count > 3);
        Assert.Equal(second.ArgumentsJson, ofSecond.Joined(call => call["function"]!["arguments"]));
    }

    [Fact]
    public void The_finish_chunk_has_an_empty_delta()
    {
        var last = View.Stream(View.ReadWith("\"stream\":true"), Replies.Text("hi")).Data()[^1];

        Assert.Equal("stop", last["choices"]![0]!["finish_reason"].Text());
        Assert.Empty(last["choices"]![0]!["delta"]!.AsObject());
        Assert.False(last.AsObject().ContainsKey("usage"));
    }

    [Fact]
    public void With_include_usage_a_last_chunk_has_usage_and_no_choices_and_the_others_say_null()
    {
        var chunks = View.Stream(View.Read(Requests.OpenCode), Replies.Text("hi")).Data();

        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(120, chunks[^1]["usage"]!["total_tokens"]!.GetValue<int>());
        Assert.All(chunks[..^1], chunk => Assert.True(chunk.AsObject().ContainsKey("usage") && chunk["usage"] is null));
    }

    [Fact]
    public void Logprobs_of_a_stream_join_to_those_of_the_answer()
    {
        var tokens = View.Stream(View.ReadWith("\"logprobs\":true"), Replies.Text(Replies.LongText)).Data()
            .SelectMany(chunk => chunk["choices"]![0]!["logprobs"]?["content"]?.AsArray() ?? []);

        Assert.Equal(["\uFFFD", "yes", "!"], tokens.Select(token => token!["token"].Text()));
    }

    [Fact]
    public void A_no_op_is_an_empty_delta()
    {
        var noOp = View.Begin(View.ReadWith("\"stream\":true"), "r-1", Replies.Created).NoOp();

        Assert.Null(noOp.Name);
        Assert.Empty(JsonNode.Parse(noOp.Data)!["choices"]![0]!["delta"]!.AsObject());
    }

    [Fact]
    public void A_lost_stream_says_an_error_and_ends()
    {
        var fault = new ApiFaultException(ApiFaultKind.Unavailable, "lost");
        var events = View.Begin(View.ReadWith("\"stream\":true"), "r-1", Replies.Created).Fail(fault).ToList();

        Assert.Equal("server_error", JsonNode.Parse(events[0].Data)!["error"]!["type"].Text());
        Assert.Equal("[DONE]", events[1].Data);
    }

    [Fact]
    public void An_answer_that_a_client_sends_back_is_the_message_that_was_answered()
    {
        var reply = Replies.Of(new ApiChoice(Replies.Message("text", Replies.Call), ApiEnd.ToolCalls, null, []));
        var message = View.Write(View.ReadWith(Tools), reply)["choices"]![0]!["message"]!;

        var back = View.ReadWith($$$"""
            "messages":[{"role":"user","content":"x"},{{{message.ToJsonString()}}}]
            """).Last();

        Assert.True(RenderedMessageComparer.Instance.Equals(reply.Choices[0].Message, back), JsonSerializer.Serialize(back));
    }
}
