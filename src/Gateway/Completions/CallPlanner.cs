using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.Splicing;
using Forge.Gateway.Protocols;
using Forge.Gateway.Sessions;

namespace Forge.Gateway.Completions;

/// <summary>Checks a call and makes its prompt, before anything is said to the client and before the engine is asked.</summary>
internal sealed class CallPlanner(GatewayCore core, SessionOptions options)
{
    private const int MostAnswers = 128;

    /// <exception cref="ApiFaultException">The call is refused.</exception>
    public PreparedCall Prepare(EpisodeSession session, ApiRequest request)
    {
        Require(session, request);
        var tools = request.ToolChoice.Mode == ToolChoiceMode.None ? [] : request.Tools;
        var (prompt, isSide) = Render(session, request, tools);
        if (!isSide)
        {
            RequireBudget(session);
        }

        var forced = ForcedCall.Of(request);
        if (forced.Length > 0)
        {
            prompt = prompt with { Ids = [.. prompt.Ids, .. core.Tokenizer.Encode(forced)] };
        }

        var room = core.Options.ContextLength - prompt.Ids.Length;
        if (room < 1)
        {
            core.Counters.CountOverflow();
            session.Trace.Refuse("max_context");
            throw new ApiFaultException(
                ApiFaultKind.ContextFull,
                $"This model's maximum context length is {core.Options.ContextLength} tokens, and the messages hold {prompt.Ids.Length}. Shorten them.",
                "messages");
        }

        return new PreparedCall
        {
            Session = session,
            Request = request,
            Prompt = prompt,
            Tools = tools,
            IsSide = isSide,
            Forced = forced,
            Room = room,
            Sampling = Sampling(session, request.Sampling, room),
            SharedPrefixLength = core.SharedPrefixes.Length(prompt.Messages, tools, prompt.Ids),
        };
    }

    /// <summary>The fault that stops every client.</summary>
    public static ApiFaultException IsOver(EpisodeId episode, string why)
        => new(ApiFaultKind.EpisodeOver, $"Episode {episode} is over: {why} Nothing more of it is answered; stop.");

    /// <summary>Counts the tokens of a call's prompt.</summary>
    /// <exception cref="ApiFaultException">The conversation can't be rendered.</exception>
    public int Count(EpisodeSession session, ApiRequest request) => Render(session, request, request.Tools).Prompt.Ids.Length;

    private static void Require(EpisodeSession session, ApiRequest request)
    {
        if (session.Over.IsCancellationRequested)
        {
            throw IsOver(session.Episode, "it has ended.");
        }

        if (request.Messages.IsDefaultOrEmpty)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, "The request has no messages; send at least one.", "messages");
        }

        if (request.Count is < 1 or > MostAnswers)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"n is {request.Count}; it is from 1 to {MostAnswers}.", "n");
        }

        if (request.Sampling.MaxTokens < 1)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The most tokens of the answer are {request.Sampling.MaxTokens}; ask for at least 1.", "max_tokens");
        }

        if (request.ResponseSchema is not null)
        {
            throw new ApiFaultException(
                ApiFaultKind.Invalid, "This engine does not constrain answers to a JSON schema; leave response_format out, or force a tool.", "response_format");
        }
    }

    private static void RequireBudget(EpisodeSession session)
    {
        var terms = session.Terms;
        if (session.Turns >= terms.MaxTurns)
        {
            session.Trace.Refuse("max_turns");
            throw IsOver(session.Episode, $"it has had its {terms.MaxTurns} turns.");
        }

        if (session.ResponseTokens >= terms.MaxTokens)
        {
            session.Trace.Refuse("max_tokens");
            throw IsOver(session.Episode, $"it has used its {terms.MaxTokens} tokens.");
        }
    }

    private (SplicedPrompt Prompt, bool IsSide) Render(EpisodeSession session, ApiRequest request, ImmutableArray<ToolDefinition> tools)
    {
        try
        {
            return session.Next(request.Messages, tools, options);
        }
        catch (ArgumentException error)
        {
            throw new ApiFaultException(ApiFaultKind.Invalid, $"The conversation can't be shown to the model. {error.Message}", "messages", error);
        }
    }

    private SamplingParameters Sampling(EpisodeSession session, AskedSampling asked, int room)
    {
        var terms = session.Terms;
        var most = Math.Min(asked.MaxTokens ?? room, room);
        most = terms.Sampling is { } limited ? Math.Min(most, limited.MaxNewTokens) : most;
        if (terms.MaxTokens is { } budget)
        {
            most = (int)Math.Clamp(budget - session.ResponseTokens, 1, most);
        }

        var drawn = terms.Sampling
            ?? (options.OverrideSampling
                ? new SamplingParameters { Temperature = options.Temperature, TopP = options.TopP, TopK = options.TopK }
                : new SamplingParameters { Temperature = asked.Temperature ?? 1, TopP = asked.TopP ?? 1, TopK = asked.TopK ?? 0 });
        return drawn with
        {
            MaxNewTokens = most,
            Seed = asked.Seed is { } seed && terms.Sampling is null ? unchecked((ulong)seed) : drawn.Seed ^ SeedOf(session.Episode),
            StopTokenIds = [session.EndTokenId],
        };
    }

    // The same episode draws the same way again; others draw otherwise.
    private static ulong SeedOf(EpisodeId episode) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(episode.Value)));
}
