using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>Holds every answer and every event to the published description of OpenAI's API.</summary>
[Trait("Tier", "integration")]
public sealed class ApiSchemaTests
{
    private static readonly ToolCall Grouped = new("call_0_1", "multi_agent_v1__spawn", "{}");

    public static IEnumerable<ApiReply> Answers =>
    [
        Replies.Text("hi"),
        Replies.Text(Replies.LongText, ApiEnd.MaxTokens),
        Replies.Text("", ApiEnd.ContextFull),
        Replies.Text("x", ApiEnd.StopText, "END"),
        Replies.Calls(Replies.Call, Grouped),
        Replies.Of(new ApiChoice(Replies.Message("text", Replies.Call), ApiEnd.ToolCalls, null, [])),
    ];

    [Fact]
    public async Task The_validator_tells_right_from_wrong()
    {
        var answer = ApiProtocols.Chat.Write(ApiProtocols.Chat.Read(Requests.AiSdk), Replies.Text("hi"));
        var wrong = answer.DeepClone();
        wrong["choices"]![0]!["finish_reason"] = "bored";

        var said = await ApiSchemas.AskAsync([("CreateChatCompletionResponse", answer), ("CreateChatCompletionResponse", wrong), ("NoSuch", answer)]);

        Assert.Equal("ok", said[0]);
        Assert.Contains("finish_reason", said[1], StringComparison.Ordinal);
        Assert.Contains("no such schema", said[2], StringComparison.Ordinal);
    }

    [Fact]
    public Task Chat_answers_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            from json in ChatRequests
            from reply in Answers
            select ("CreateChatCompletionResponse", (JsonNode)ApiProtocols.Chat.Write(ApiProtocols.Chat.Read(json), reply)));

    [Fact]
    public Task Chat_chunks_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            from json in ChatRequests
            from reply in Answers
            from chunk in ApiProtocols.Chat.Stream(ApiProtocols.Chat.Read(json), reply).Data()
            select ("CreateChatCompletionStreamResponse", chunk));

    [Fact]
    public Task Responses_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            from json in ResponsesRequests
            from reply in Answers
            select ("Response", (JsonNode)ApiProtocols.Responses.Write(ApiProtocols.Responses.Read(json), reply)));

    [Fact]
    public Task Responses_events_follow_the_schema_of_their_type()
        => ApiSchemas.AssertValidAsync(
            from json in ResponsesRequests
            from reply in Answers
            from one in ApiProtocols.Responses.Stream(ApiProtocols.Responses.Read(json), reply).Data()
            select (EventSchema(one["type"].Text()!), one));

    [Fact]
    public Task Responses_items_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            from json in ResponsesRequests
            from reply in Answers
            from item in ApiProtocols.Responses.Write(ApiProtocols.Responses.Read(json), reply)["output"]!.AsArray()
            select ("OutputItem", item));

    [Theory]
    [InlineData(ApiFaultKind.Internal)]
    [InlineData(ApiFaultKind.TooMany)]
    [InlineData(ApiFaultKind.EpisodeOver)]
    public Task A_failed_response_follows_the_schema(ApiFaultKind kind)
    {
        var events = ApiProtocols.Responses.Begin(ApiProtocols.Responses.Read(Requests.Codex), "r-1", Replies.Created);
        var lost = new ApiFaultException(kind, "lost", "param");

        return ApiSchemas.AssertValidAsync(
            events.Fail(lost).Concat(events.Open()).Concat(events.Fail(lost)).Data().Select(one => (EventSchema(one["type"].Text()!), one)));
    }

    [Fact]
    public Task Completions_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            Answers.Select(reply => ("CreateCompletionResponse", (JsonNode)ApiProtocols.Legacy.Write(ApiProtocols.Legacy.Read(Requests.Legacy), reply))));

    [Fact]
    public Task Errors_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            Enum.GetValues<ApiFaultKind>().Select(kind => ("ErrorResponse", (JsonNode)ApiProtocols.Chat.WriteFault(new ApiFaultException(kind, "m"), "r"))));

    [Fact]
    public Task The_recorded_requests_themselves_follow_the_schema()
        => ApiSchemas.AssertValidAsync(
            new[] { Requests.OpenAiSdk, Requests.AgentsChat, Requests.LangGraph, Requests.OpenCode, Requests.Pi, Requests.QwenCode }
                .Select(json => ("CreateChatCompletionRequest", JsonNode.Parse(json)!))
                .Append(("CreateCompletionRequest", JsonNode.Parse(Requests.Legacy)!)));

    private static string[] ChatRequests => [Requests.OpenAiSdk, Requests.AiSdk, Requests.OpenCode, Requests.QwenCode];

    private static string[] ResponsesRequests => [Requests.Codex, Requests.AgentsResponses, Requests.LangGraphResponses];

    // response.output_item.added → ResponseOutputItemAddedEvent; the description shortens a few.
    private static string EventSchema(string type) => type switch
    {
        "error" => "ResponseErrorEvent",
        "response.output_text.delta" => "ResponseTextDeltaEvent",
        "response.output_text.done" => "ResponseTextDoneEvent",
        _ => string.Concat(type.Split('.', '_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])) + "Event",
    };
}
