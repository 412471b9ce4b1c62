using Forge.Gateway.Protocols;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The older <c>/completions</c>.</summary>
public sealed class LegacyTests
{
    private static readonly IApiProtocol View = ApiProtocols.Legacy;

    [Fact]
    public void Prompt_is_one_text_also_in_an_array()
    {
        Assert.Equal("User: Once upon", View.Read(Requests.Legacy).Said());
        Assert.Equal("User: x", View.ReadWith("\"prompt\":[\"x\"]").Said());
        Assert.Equal((16, false), (View.ReadWith("\"user\":\"u\"").Sampling.MaxTokens, View.ReadWith("\"user\":\"u\"").Sampling.LogProbs));
    }

    [Theory]
    [InlineData("\"prompt\":[1,2]", "prompt")]
    [InlineData("\"prompt\":[\"a\",\"b\"]", "prompt")]
    [InlineData("\"suffix\":\"x\"", "suffix")]
    [InlineData("\"best_of\":3", "best_of")]
    [InlineData("\"logprobs\":6", "logprobs")]
    public void What_cannot_be_honoured_is_refused(string fields, string param) => Assert.Equal(param, View.RefuseWith(fields).Param);

    [Fact]
    public void An_answer_has_text_finish_reason_and_logprobs_and_echo_says_the_prompt()
    {
        var answer = View.Write(View.Read(Requests.Legacy), Replies.Of(Replies.Choice(" a time"), Replies.Choice("", ApiEnd.MaxTokens)));

        Assert.Equal(("cmpl-r-1", "text_completion"), (answer["id"].Text(), answer["object"].Text()));
        Assert.Equal(["Once upon a time", "Once upon"], answer["choices"]!.AsArray().Select(choice => choice!["text"].Text()));
        Assert.Equal(["stop", "length"], answer["choices"]!.AsArray().Select(choice => choice!["finish_reason"].Text()));
        Assert.Equal("[0,1,4]", answer["choices"]![0]!["logprobs"]!["text_offset"]!.ToJsonString());
    }

    [Fact]
    public void A_stream_joins_to_the_answer()
    {
        var stream = View.Stream(View.ReadWith("\"stream\":true,\"stream_options\":{\"include_usage\":true}"), Replies.Text(Replies.LongText));
        var chunks = stream.Data();

        Assert.Equal(Replies.LongText, chunks[..^1].Joined(chunk => chunk["choices"]![0]!["text"]));
        Assert.Equal("stop", chunks[^2]["choices"]![0]!["finish_reason"].Text());
        Assert.Equal((20, "[DONE]"), (chunks[^1]["usage"]!["completion_tokens"]!.GetValue<int>(), stream[^1].Data));
    }
}
