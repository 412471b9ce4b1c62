using System.Globalization;
using Forge.Core.Faults;
using Forge.Core.Harnesses;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Tracing;
using Forge.Gateway.Protocols;
using Forge.Gateway.Sessions;

namespace Forge.Gateway.Completions;

/// <summary>
/// Answers calls that came in one of the APIs. The work of a call belongs to no connection: it goes on when its client goes away, and is
/// held, not refused, while the engine or the pool is away. Safe for concurrent use.
/// </summary>
internal sealed class ApiCompletions(GatewayCore core, SessionOptions options, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly CallPlanner _planner = new(core, options);
    private readonly ReplyBuilder _replies = new(core.Tokenizer);
    private long _calls;

    /// <summary>The engine's name for what an episode does on the side, so that its KV does not displace the conversation's.</summary>
    public static EpisodeId SideSession(EpisodeId episode) => new($"{episode}#side");

    /// <summary>Answers a call, or finds the answer of the call that it repeats.</summary>
    /// <exception cref="ApiFaultException">The call is refused before anything was generated.</exception>
    public GivenCall Begin(EpisodeId episode, ApiRequest request, bool isRetry)
    {
        var now = time.GetUtcNow();
        var session = Open(episode);
        return session.Calls.Join(CallKey.Of(request), isRetry, now - options.ReplayFor, () =>
        {
            var call = _planner.Prepare(session, request);
            var id = string.Create(CultureInfo.InvariantCulture, $"{Guid.CreateVersion7(now):N}{Interlocked.Increment(ref _calls) & 0xFFFF:x4}");
            return new GivenCall(id, now, Task.Run(() => AnswerAsync(call, id, now)));
        });
    }

    /// <summary>Counts the tokens of a call's prompt; nothing is generated.</summary>
    /// <exception cref="ApiFaultException">The call is refused.</exception>
    public int Count(EpisodeId episode, ApiRequest request) => _planner.Count(Open(episode), request);

    private EpisodeSession Open(EpisodeId episode)
        => core.Sessions.TryOpen(episode, out var session) ? session : throw CallPlanner.IsOver(episode, "it has ended.");

    private async Task<ApiReply> AnswerAsync(PreparedCall call, string id, DateTimeOffset created)
    {
        try
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, call.Request.Count).Select(index => GenerateAsync(call, index)));
            core.Counters.CountPrompt(call.Prompt);
            if (call.IsSide)
            {
                core.Counters.CountSideCall();
            }

            return _replies.Build(call, id, created, answers);
        }
        catch (OperationCanceledException)
        {
            throw CallPlanner.IsOver(call.Session.Episode, "it ended while this call waited.");
        }
        catch (ForgeException fault)
        {
            call.Session.Trace.Fail(fault.Message);
            throw fault.IsTransient
                ? new ApiFaultException(ApiFaultKind.Unavailable, $"The call was held for {options.HoldFor}: {fault.Message}", inner: fault)
                : new ApiFaultException(ApiFaultKind.Internal, fault.Message, inner: fault);
        }
        catch (ArgumentException fault)
        {
            call.Session.Trace.Fail(fault.Message);
            throw new ApiFaultException(ApiFaultKind.Internal, $"The engine refuses the call: {fault.Message}", inner: fault);
        }
    }

    private async Task<GeneratedAnswer> GenerateAsync(PreparedCall call, int index)
    {
        var session = call.Session;
        var isKept = !call.IsSide || options.TrainSideCalls;
        var turn = isKept ? session.TakeTurn() : session.TakeSideTurn();
        using var span = RingTrace.StartChat(session.Episode, call.Sampling);
        var request = Request(call, index, turn);
        var raw = await HeldAsync(() => GenerateAsync(request, session.Over), session.Over);
        var (completion, shown, stop) = StopTexts.Cut(raw, call.Request.Sampling.Stop, call.Forced.Length > 0, core.Tokenizer);
        var answer = _replies.Parse(call, completion, shown, stop);
        if (isKept)
        {
            await RecordAsync(completion with { Episode = session.Episode }, session);
            session.Trace.Keep(turn, new HarnessCall(
                answer.Choice.Message, completion.FinishReason, answer.Malformed, completion.ResponseIds.Length, call.IsSide));
        }

        RingTrace.EndChat(span, completion);
        session.Append(call.Prompt, completion.ResponseIds, answer.Choice.Message, call.IsSide);
        return answer;
    }

    // What waits in the pool's way is the record, not the answer: it is made once and offered until it is kept.
    private async Task RecordAsync(Completion completion, EpisodeSession session)
    {
        if (await HeldAsync(() => core.Sink.RecordAsync(completion, CancellationToken.None), session.Over) == Receipt.Stale)
        {
            throw CallPlanner.IsOver(session.Episode, "a newer attempt took it over, its group was given up, or the run does not know it.");
        }
    }

    private async Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var completion = await core.Generator.GenerateAsync(request, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return completion.FinishReason == FinishReason.Cancelled
            ? throw new InfrastructureFaultException($"The engine gave up completion {completion.Id}.")
            : completion;
    }

    private async Task<T> HeldAsync<T>(Func<Task<T>> call, CancellationToken over)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await call();
            }
            catch (ForgeException fault) when (fault.IsTransient && time.GetElapsedTime(started) < options.HoldFor)
            {
                await Task.Delay(pause, time, over);
            }
        }
    }

    private static GenerationRequest Request(PreparedCall call, int index, int turn)
    {
        var episode = call.Session.Episode;
        var session = call.IsSide ? SideSession(episode) : episode;
        var hasOwnSeed = call.Request.Sampling.Seed is not null && call.Session.Terms.Sampling is null;
        return new GenerationRequest
        {
            Id = new CompletionId(string.Create(CultureInfo.InvariantCulture, $"{session}/{turn}")),
            Session = session,
            Turn = turn,
            PromptIds = call.Prompt.Ids,
            SharedPrefixLength = call.SharedPrefixLength,
            Sampling = call.Sampling with { Seed = call.Sampling.Seed + (ulong)(hasOwnSeed ? index : turn) },
        };
    }
}
