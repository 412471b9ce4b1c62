using System.Globalization;
using Forge.Core.Chat;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Splicing;
using Forge.Core.Text.Tokenization;
using Forge.Core.Tracing;
using Forge.Gateway.Completions;
using Forge.Gateway.Sessions;

namespace Forge.Gateway;

/// <summary>
/// Answers an agent's calls in process: messages become token ids (ids of earlier answers are spliced in, never tokenised again), the
/// engine generates, the answer is recorded exactly as it was generated, and goes back parsed. Safe for concurrent use.
/// </summary>
/// <param name="generator">The engine.</param>
/// <param name="sink">Keeps every completion; an evaluation gives one that nothing trains on.</param>
/// <param name="tokenizer">The policy's vocabulary.</param>
/// <param name="format">The policy's chat format.</param>
/// <param name="options">Limits.</param>
public sealed class ChatGateway(
    IGenerator generator, IEpisodeSink sink, ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format, GatewayOptions options)
    : IChatGateway
{
    /// <summary>What HTTP shares with this port: one episode may come through both.</summary>
    internal GatewayCore Core { get; } = new(generator, sink, tokenizer, format, options);

    public GatewayStatistics Statistics => Core.Counters.Read();

    /// <summary>
    /// Answers one call. A prompt that leaves no room in the context is not an error: the reply has no response tokens, ends by length,
    /// and nothing is recorded.
    /// </summary>
    /// <exception cref="ForgeException">The engine gave the request up.</exception>
    /// <exception cref="TimeoutException">The engine was at work until the caller's patience was over.</exception>
    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var span = RingTrace.StartChat(request.Episode, request.Sampling);
        var session = Core.Sessions.Of(request.Episode);
        var prompt = session.Next(request.Messages, request.Tools);
        var room = options.ContextLength - prompt.Ids.Length;
        if (room < 1)
        {
            Core.Counters.CountOverflow();
            return Overflow(request, prompt);
        }

        var completion = await generator.GenerateAsync(ToGeneration(request, session, prompt, room), cancellationToken);
        if (completion.FinishReason == FinishReason.Cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ForgeException($"The engine gave up completion {completion.Id} of episode {request.Episode}.") { IsTransient = true };
        }

        // What was generated is kept, even when the caller's time runs out just now.
        if (await sink.RecordAsync(completion, CancellationToken.None) == Receipt.Stale)
        {
            throw new StaleAttemptException(
                $"Episode {request.Episode} was taken over by a newer attempt, or its group was given up: stop playing it, nothing of it is kept.");
        }

        RingTrace.EndChat(span, completion);
        Core.Counters.CountPrompt(prompt);
        return Reply(request, session, prompt, completion);
    }

    /// <summary>Holds the calls of an episode that come over HTTP to terms; without, the run's options hold.</summary>
    public void OpenSession(EpisodeId episode, SessionTerms terms) => Core.Sessions.Of(episode).Terms = terms;

    /// <summary>Ends the session: calls of this episode that come over HTTP from now on are told that it is over.</summary>
    public void EndSession(EpisodeId episode)
    {
        if (Core.Sessions.End(episode))
        {
            generator.EndSession(ApiCompletions.SideSession(episode));
        }

        generator.EndSession(episode);
    }

    private GenerationRequest ToGeneration(ChatRequest request, EpisodeSession session, SplicedPrompt prompt, int room)
    {
        var turn = session.TakeTurn();
        return new GenerationRequest
        {
            Id = new CompletionId(string.Create(CultureInfo.InvariantCulture, $"{request.Episode}/{turn}")),
            Session = request.Episode,
            Turn = turn,
            PromptIds = prompt.Ids,
            Patience = request.Patience,
            SharedPrefixLength = Core.SharedPrefixes.Length(request.Messages, request.Tools, prompt.Ids),
            Sampling = request.Sampling with
            {
                MaxNewTokens = Math.Min(request.Sampling.MaxNewTokens, room),
                StopTokenIds = request.Sampling.StopTokenIds.Contains(session.EndTokenId)
                    ? request.Sampling.StopTokenIds
                    : request.Sampling.StopTokenIds.Add(session.EndTokenId),
            },
        };
    }

    private ChatReply Reply(ChatRequest request, EpisodeSession session, SplicedPrompt prompt, Completion completion)
    {
        var ids = completion.ResponseIds.AsSpan();
        var text = tokenizer.Decode(ids is [.., var last] && last == session.EndTokenId ? ids[..^1] : ids);
        var callIds = string.Create(CultureInfo.InvariantCulture, $"call_{completion.Turn}_");
        var parsed = MiniMaxM2OutputParser.Parse(text, request.Tools, callIdPrefix: callIds);
        var message = parsed.ToMessage();
        session.Append(prompt, completion.ResponseIds, message);
        return new ChatReply
        {
            Completion = completion.Id,
            Message = message,
            FinishReason = completion.FinishReason,
            Malformed = parsed.Malformed || !parsed.ThinkingClosed,
            PromptTokens = prompt.Ids.Length,
            ResponseTokens = completion.ResponseIds.Length,
        };
    }

    private static ChatReply Overflow(ChatRequest request, SplicedPrompt prompt) => new()
    {
        Completion = new CompletionId(string.Create(CultureInfo.InvariantCulture, $"{request.Episode}/overflow")),
        Message = new ChatMessage { Role = ChatRole.Assistant },
        FinishReason = FinishReason.Length,
        Malformed = false,
        PromptTokens = prompt.Ids.Length,
        ResponseTokens = 0,
    };
}
