using System.Net;
using System.Text.Json.Nodes;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>Each API through the real door: the same answer in its own shape.</summary>
public sealed class ApiTests
{
    public static TheoryData<string> Apis => ["chat/completions", "responses", "messages", "completions"];

    [Theory]
    [MemberData(nameof(Apis))]
    public async Task Each_API_answers_in_one_piece_and_as_a_stream(string api)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, TestFront.Answer));
        var (whole, streamed) = (Request(api, "one"), Request(api, "two"));
        streamed["stream"] = true;

        var answer = await front.AskAsync(whole, $"/e/e1/v1/{api}");
        using var stream = await front.PostAsync(streamed, $"/e/e1/v1/{api}");
        var events = await TextAsync(stream);

        Assert.Contains("Bob", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType!.MediaType);
        Assert.Contains(api switch { "responses" => "response.completed", "messages" => "message_stop", _ => "[DONE]" }, events, StringComparison.Ordinal);
        Assert.Equal(2, front.Sink.Completions.Count);
    }

    [Theory]
    [MemberData(nameof(Apis))]
    public async Task Each_API_says_that_an_episode_is_over_as_an_invalid_request(string api)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());
        front.End("e1");

        using var response = await front.PostAsync(Request(api, "one"), $"/e/e1/v1/{api}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
        Assert.Equal("invalid_request_error", JsonNode.Parse(await TextAsync(response))!["error"]!["type"]!.ToString());
    }

    [Fact]
    public async Task Counting_the_tokens_of_Messages_generates_nothing()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer));
        var unlimited = Request("messages", "one");
        unlimited.Remove("max_tokens");

        var counted = await front.AskAsync(unlimited, "/e/e1/v1/messages/count_tokens?beta=true");
        await front.AskAsync(Request("messages", "one"), "/e/e1/v1/messages");

        Assert.Equal(Assert.Single(front.Sink.Completions).PromptIds.Length, counted["input_tokens"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(false, "2026-10-21", HttpStatusCode.OK)]
    [InlineData(true, "2023-06-01", HttpStatusCode.OK)]
    [InlineData(true, "2026-10-21", HttpStatusCode.BadRequest)]
    public async Task Sampling_parameters_of_new_Messages_are_refused_by_a_switch(bool strict, string version, HttpStatusCode status)
    {
        await using var front = await TestFront.StartAsync(
            FakeGenerator.Saying(TestFront.Answer), new GatewayHttpOptions { Address = "http://127.0.0.1:0", StrictMessages = strict });
        var body = Request("messages", "one");
        body["temperature"] = 0.5;

        using var response = await front.PostAsync(body, "/e/e1/v1/messages", header: "anthropic-version", value: version);

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_URL_is_an_error_in_the_shape_of_who_asks()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying());

        using var response = await front.PostAsync([], "/v1/nothing", header: "anthropic-version", value: "2023-06-01");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("not_found_error", JsonNode.Parse(await TextAsync(response))!["error"]!["type"]!.ToString());
    }

    /// <summary>Cache marks that move, item ids and single parts: the history stays the same.</summary>
    [Fact]
    public async Task Ten_turns_of_Messages_with_moving_cache_marks_are_spliced()
    {
        const int Turns = 10;
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying([.. Enumerable.Repeat(TestFront.Call, Turns)]));
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "boss of Ann?" });
        var tools = new JsonArray(new JsonObject { ["name"] = "lookup", ["input_schema"] = new JsonObject { ["type"] = "object" } });

        for (var turn = 0; turn < Turns; turn++)
        {
            var answer = await front.AskAsync(
                new JsonObject { ["model"] = "m", ["max_tokens"] = 200, ["messages"] = messages.DeepClone(), ["tools"] = tools.DeepClone() }, "/e/e1/v1/messages");
            var content = answer["content"]!.DeepClone().AsArray();
            var use = content.Single(block => block!["type"]!.ToString() == "tool_use")!["id"]!.ToString();
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = content });
            foreach (var block in messages.SelectMany(message => message!["content"] as JsonArray ?? []))
            {
                block!.AsObject().Remove("cache_control");
            }

            messages.Add(new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(new JsonObject
                {
                    ["type"] = "tool_result",
                    ["tool_use_id"] = use,
                    ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "Bob" }),
                    ["cache_control"] = new JsonObject { ["type"] = "ephemeral" },
                }),
            });
        }

        Assert.Equal(Turns, front.Sink.Completions.Count);
        Assert.Equal((0, 0), (front.Gateway.Statistics.RetokenisedTokens, front.Gateway.Statistics.Branches));
        Assert.Equal(front.Sink.Completions.SkipLast(1).Sum(completion => completion.PromptIds.Length + completion.ResponseIds.Length), front.Gateway.Statistics.SplicedTokens);
    }

    private static JsonObject Request(string api, string text)
    {
        var request = new JsonObject { ["model"] = "m" };
        switch (api)
        {
            case "responses":
                request["input"] = text;
                break;
            case "completions":
                request["prompt"] = text;
                break;
            default:
                request["messages"] = new JsonArray(TestFront.User(text));
                request["max_tokens"] = 200;
                break;
        }

        return request;
    }

    private static Task<string> TextAsync(HttpResponseMessage response)
        => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).DefaultTimeout();
}
