using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Legacy;

/// <summary>Reads a request of the older completions. What can't be honoured and would change the answer is refused.</summary>
internal static class LegacyRequestReader
{
    private const int MostLogProbs = 5;

    // The API's own, when a caller sets none.
    private const int DefaultTokens = 16;

    public static ApiRequest Read(JsonElement json)
    {
        var body = ApiBody.Open(json);
        var prompt = Prompt(body["prompt"]);
        var count = SamplingReader.Count(body);
        Refuse(body, count);
        SamplingReader.CheckBias(body["logit_bias"]);
        var top = body["logprobs"].OptionalCount(0, MostLogProbs);
        return new ApiRequest
        {
            Model = body["model"].NameText(),
            Messages = [new ChatMessage { Role = ChatRole.User, Content = prompt }],
            Sampling = SamplingReader.OpenAi(body, body["max_tokens"].OptionalCount(1, int.MaxValue) ?? DefaultTokens) with
            {
                LogProbs = top is not null,
                TopLogProbs = top ?? 0,
            },
            Count = count,
            Stream = body["stream"].Flag(false),
            IncludeUsage = body["stream_options"].IsGiven && body["stream_options"].RequireObject()["include_usage"].Flag(false),
            Echo = body["echo"].Flag(false) ? new JsonObject { [LegacyReplyWriter.Prompt] = prompt } : null,
        };
    }

    private static string Prompt(ApiField prompt)
    {
        if (prompt.IsText)
        {
            return prompt.Text();
        }

        return prompt.IsArray && prompt.Items(ApiLimits.Messages).ToList() is [{ IsText: true } only]
            ? only.Text()
            : throw prompt.Fault("must be one text; several, and token ids, need a call each of /chat/completions");
    }

    private static void Refuse(ApiField body, int count)
    {
        if (body["suffix"].OptionalText() is { Length: > 0 })
        {
            throw body["suffix"].Fault("can't be honoured, since this model continues texts only: leave it out");
        }

        if (body["best_of"].OptionalCount(0, ApiLimits.Choices) > count)
        {
            throw body["best_of"].Fault("can't be more than n: ask for n answers and choose among them");
        }
    }
}
