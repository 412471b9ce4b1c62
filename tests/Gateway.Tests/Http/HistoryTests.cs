using System.Text.Json.Nodes;
using Forge.Gateway.Sessions;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Http;

/// <summary>Histories come back as clients write them; what the model said keeps its token ids.</summary>
public sealed class HistoryTests
{
    private static readonly JsonObject Question = TestFront.User("boss of Ann?");

    public static TheoryData<string> Rewritings =>
        ["as it was", "null content", "no content", "content as one part", "reasoning dropped", "arguments spaced", "ids renamed"];

    [Theory]
    [MemberData(nameof(Rewritings))]
    public async Task What_clients_change_is_known_again(string rewriting)
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Call, TestFront.Answer));
        var first = await front.AskAsync(With(TestFront.Body(Question.DeepClone()), "tools", new JsonArray("lookup")));

        var reply = Rewrite(Reply(first), rewriting);
        var result = new JsonObject { ["role"] = "tool", ["content"] = "Bob", ["tool_call_id"] = reply["tool_calls"]![0]!["id"]!.ToString() };
        await front.AskAsync(With(TestFront.Body(Question.DeepClone(), reply, result), "tools", new JsonArray("lookup")));

        var (before, after) = (front.Sink.Completions.First(), front.Sink.Completions.Last());
        int[] history = [.. before.PromptIds, .. before.ResponseIds];
        Assert.Equal(history, after.PromptIds.Take(history.Length));
        Assert.Equal((0, 0, history.Length), (front.Gateway.Statistics.RetokenisedTokens, front.Gateway.Statistics.Branches, front.Gateway.Statistics.SplicedTokens));
    }

    [Fact]
    public async Task Dropped_reasoning_stays_dropped_when_the_option_says_so()
    {
        var options = new GatewayHttpOptions { Address = "http://127.0.0.1:0", Sessions = new SessionOptions { ReattachReasoning = false } };
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Call, TestFront.Answer), options);
        var first = await front.AskAsync(With(TestFront.Body(Question.DeepClone()), "tools", new JsonArray("lookup")));

        var reply = Rewrite(Reply(first), "reasoning dropped");
        await front.AskAsync(With(TestFront.Body(Question.DeepClone(), reply, Result("Bob")), "tools", new JsonArray("lookup")));

        Assert.Equal(1, front.Gateway.Statistics.Branches);
    }

    [Fact]
    public async Task A_rewritten_history_forks_and_the_old_branch_can_be_gone_on_with()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Call, TestFront.Answer, TestFront.Answer));
        var tools = new JsonArray("lookup");
        var first = await front.AskAsync(With(TestFront.Body(Question.DeepClone()), "tools", tools.DeepClone()));
        await front.AskAsync(With(TestFront.Body(TestFront.User("short"), Reply(first), Result("Bob")), "tools", tools.DeepClone()));
        var spliced = front.Gateway.Statistics.SplicedTokens;

        await front.AskAsync(With(TestFront.Body(Question.DeepClone(), Reply(first), Result("Eve")), "tools", tools.DeepClone()));

        var root = front.Sink.Completions.First();
        Assert.Equal((0, root.PromptIds.Length + root.ResponseIds.Length), (spliced, front.Gateway.Statistics.SplicedTokens));
        Assert.Equal(2, front.Gateway.Statistics.Branches);
        Assert.Equal(root.ResponseIds.Length, front.Gateway.Statistics.RetokenisedTokens);
    }

    [Fact]
    public async Task A_title_before_the_conversation_is_a_side_call_and_not_trained()
    {
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, TestFront.Call));

        var title = await front.AskAsync(TestFront.Body(TestFront.System("You are a title generator."), Question.DeepClone()));
        await front.AskAsync(With(TestFront.Body(TestFront.System("You code."), Question.DeepClone()), "tools", new JsonArray("lookup")));

        Assert.Equal("Bob", title["choices"]![0]!["content"]!.ToString());
        Assert.Equal(0, Assert.Single(front.Sink.Completions).Turn);
        Assert.Equal((1, 0), (front.Gateway.Statistics.SideCalls, front.Gateway.Statistics.Branches));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_call_without_tools_under_other_instructions_is_a_side_call(bool trained, int recorded)
    {
        var options = new GatewayHttpOptions { Address = "http://127.0.0.1:0", Sessions = new SessionOptions { TrainSideCalls = trained } };
        await using var front = await TestFront.StartAsync(FakeGenerator.Saying(TestFront.Answer, TestFront.Answer), options);
        await front.AskAsync(With(TestFront.Body(TestFront.System("You code."), Question.DeepClone()), "tools", new JsonArray("lookup")));

        await front.AskAsync(TestFront.Body(TestFront.System("Summarise."), Question.DeepClone()));

        Assert.Equal(1, front.Gateway.Statistics.SideCalls);
        Assert.Equal(recorded, front.Sink.Completions.Count);
        Assert.All(front.Sink.Completions, completion => Assert.Equal("e1", completion.Episode.Value));
    }

    private static JsonObject With(JsonObject body, string name, JsonNode value)
    {
        body[name] = value;
        return body;
    }

    private static JsonObject Result(string text) => new() { ["role"] = "tool", ["content"] = text, ["tool_call_id"] = "call_0_0" };

    private static JsonObject Reply(JsonNode answer)
    {
        var reply = answer["choices"]![0]!.DeepClone().AsObject();
        reply["role"] = "assistant";
        return reply;
    }

    private static JsonObject Rewrite(JsonObject reply, string how)
    {
        var call = reply["tool_calls"]![0]!;
        switch (how)
        {
            case "null content":
                reply["content"] = null;
                break;
            case "no content":
                reply.Remove("content");
                break;
            case "content as one part":
                reply["content"] = new JsonArray(reply["content"]!.ToString());
                break;
            case "reasoning dropped":
                reply.Remove("reasoning_content");
                break;
            case "arguments spaced":
                call["arguments"] = "{ \"of\" :\n\"Ann\" }";
                break;
            case "ids renamed":
                call["id"] = "toolu_elsewhere";
                break;
            default:
                break;
        }

        return reply;
    }
}
