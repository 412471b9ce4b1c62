using System.Collections.Immutable;
using System.Globalization;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Completions;

/// <summary>Makes what a client is given of what the engine generated.</summary>
internal sealed class ReplyBuilder(ByteLevelBpeTokenizer tokenizer)
{
    private readonly int? _thinkClose = tokenizer.TokenId(MiniMaxM2Tokens.ThinkClose);
    private readonly int? _end = tokenizer.TokenId(MiniMaxM2Tokens.End);

    /// <summary>Takes one answer apart.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="completion">As recorded.</param>
    /// <param name="shown">The text in place of the completion's, when a stop text cut it.</param>
    /// <param name="stop">That stop text.</param>
    public GeneratedAnswer Parse(PreparedCall call, Completion completion, string? shown, string? stop)
    {
        var text = shown ?? tokenizer.Decode(WithoutEnd(completion.ResponseIds).AsSpan());
        var callIds = string.Create(CultureInfo.InvariantCulture, $"call_{(call.IsSide ? "s" : "")}{completion.Turn}_");
        var parsed = MiniMaxM2OutputParser.Parse(call.Forced + text, call.Tools, callIdPrefix: callIds);
        var message = parsed.ToMessage();
        if (!call.Request.ParallelToolCalls && message.ToolCalls.Length > 1)
        {
            message = message with { ToolCalls = [message.ToolCalls[0]] };
        }

        var tokens = call.Request.Sampling.LogProbs ? Tokens(completion) : [];
        return new GeneratedAnswer(completion, new ApiChoice(message, EndOf(call, completion, message, stop), stop, tokens), parsed.Malformed || !parsed.ThinkingClosed);
    }

    public ApiReply Build(PreparedCall call, string id, DateTimeOffset created, IReadOnlyList<GeneratedAnswer> answers) => new()
    {
        Id = id,
        Created = created,
        Model = call.Request.Model,
        PolicyVersion = answers.Max(answer => answer.Completion.TokenVersions is [.., var last] ? last : answer.Completion.OldestKvVersion.Value),
        Choices = [.. answers.Select(answer => answer.Choice)],
        Usage = new ApiUsage(
            call.Prompt.Ids.Length,
            answers.Min(answer => answer.Completion.Timings.CachedPromptTokens),
            answers.Sum(answer => answer.Completion.ResponseIds.Length),
            answers.Sum(answer => call.Forced.Length > 0 ? 0 : Thinking(answer.Completion.ResponseIds))),
    };

    private static ApiEnd EndOf(PreparedCall call, Completion completion, ChatMessage message, string? stop)
        => stop is not null ? ApiEnd.StopText
            : completion.FinishReason == FinishReason.Stop ? message.ToolCalls.IsEmpty ? ApiEnd.Stop : ApiEnd.ToolCalls
            : completion.ResponseIds.Length >= call.Room ? ApiEnd.ContextFull
            : ApiEnd.MaxTokens;

    private ImmutableArray<int> WithoutEnd(ImmutableArray<int> ids) => ids is [.., var last] && last == _end ? ids[..^1] : ids;

    // Thinking and its closing tag; all of it while it has not closed.
    private int Thinking(ImmutableArray<int> ids) => _thinkClose is { } close && ids.IndexOf(close) is >= 0 and var at ? at + 1 : ids.Length;

    private ImmutableArray<ApiToken> Tokens(Completion completion)
    {
        var ids = WithoutEnd(completion.ResponseIds);
        var first = _thinkClose is { } close && ids.Contains(close) ? Thinking(ids) : 0;
        return [.. Enumerable.Range(first, ids.Length - first).Select(index =>
            new ApiToken([.. tokenizer.DecodeBytes(ids.AsSpan(index, 1))], completion.BehaviorLogProbs[index], []))];
    }
}
