using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Agents;

/// <summary>
/// The white-box agent: thinks, calls tools (all calls of one answer at once), reads the results, and goes on until it answers without
/// a call. Earlier thinking stays in the history. A tool's error is an observation.
/// </summary>
/// <remarks>
/// <code>
///            ┌────────────── results, errors included ◀──────────────┐
///            ▼                                                       │
///   [system, user] ──▶ gateway ──▶ answer ──┬─ calls ──▶ environment ┘
///                                           ├─ text ─────────▶ final answer
///                                           ├─ cut off ──────▶ a limit
///                                           └─ malformed ───▶ told so, then agent failure
/// </code>
/// </remarks>
public sealed class ToolAgent(IChatGateway gateway, AgentLimits limits) : IAgent
{
    public async Task<AgentOutcome> PlayAsync(AgentSession session, IEnvironmentInstance environment, EpisodeClock clock)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(clock);
        try
        {
            return await PlayOnAsync(session, environment, clock);
        }
        catch (TimeoutException)
        {
            return AgentOutcome.Limit(EndCauses.Timeout);
        }
        catch (OperationCanceledException) when (clock.IsOver)
        {
            return AgentOutcome.Limit(EndCauses.Timeout);
        }
    }

    public void End(EpisodeId episode) => gateway.EndSession(episode);

    private async Task<AgentOutcome> PlayOnAsync(AgentSession session, IEnvironmentInstance environment, EpisodeClock clock)
    {
        while (true)
        {
            if (Exhausted(session) is { } limit)
            {
                return limit;
            }

            var reply = await clock.AskAsync((left, stop) => gateway.CompleteAsync(Request(session, left), stop));
            if (reply.ResponseTokens == 0)
            {
                return AgentOutcome.Limit(EndCauses.MaxContext);
            }

            session.Say(reply.Message);
            if (await FollowAsync(session, reply, environment, clock.Token) is { } end)
            {
                return end;
            }
        }
    }

    private AgentOutcome? Exhausted(AgentSession session)
    {
        if (session.Steps.Count >= limits.MaxTurns)
        {
            return AgentOutcome.Limit(EndCauses.MaxTurns);
        }

        return session.GeneratedTokens >= limits.MaxTokens ? AgentOutcome.Limit(EndCauses.MaxTokens) : null;
    }

    private ChatRequest Request(AgentSession session, TimeSpan left) => new()
    {
        Episode = session.Episode,
        Messages = session.Messages,
        Tools = session.Tools,
        Patience = left,
        Sampling = session.Sampling with
        {
            Seed = SeededRandom.Combine(session.Sampling.Seed, (ulong)session.Steps.Count),
            MaxNewTokens = Math.Min(limits.MaxNewTokens, limits.MaxTokens - session.GeneratedTokens),
        },
    };

    /// <summary>Does what the answer asks for; returns the end when it was the last one.</summary>
    private async Task<AgentOutcome?> FollowAsync(
        AgentSession session, ChatReply reply, IEnvironmentInstance environment, CancellationToken cancellationToken)
    {
        var message = reply.Message;
        if (reply.FinishReason == FinishReason.Length)
        {
            session.Record(new AgentStep(Malformed: true, 0, 0, 0), reply.ResponseTokens);
            return AgentOutcome.Limit(
                session.GeneratedTokens >= limits.MaxTokens ? EndCauses.MaxTokens : EndCauses.MaxNewTokens);
        }

        if (!message.ToolCalls.IsDefaultOrEmpty)
        {
            ToolObservation[] results = [];
            try
            {
                results = await CallAsync(message.ToolCalls, environment, cancellationToken);
            }
            finally
            {
                // The completion is recorded, so it counts as a step also when time runs out before its calls are answered.
                session.Record(Step(reply, results), reply.ResponseTokens);
            }

            Tell(session, message.ToolCalls, results);
            return null;
        }

        var blank = string.IsNullOrWhiteSpace(message.Content);
        session.Record(new AgentStep(reply.Malformed || blank, 0, 0, 0), reply.ResponseTokens);
        if (reply.Malformed)
        {
            return SendBack(session, message);
        }

        return blank ? AgentOutcome.Failure(EndCauses.EmptyAnswer, "") : AgentOutcome.Answer(message.Content);
    }

    /// <summary>A malformed answer names no call that a result could belong to, so the user's turn carries the error.</summary>
    private AgentOutcome? SendBack(AgentSession session, ChatMessage message)
    {
        if (session.MalformedTurns > limits.MaxMalformedTurns)
        {
            return AgentOutcome.Failure(EndCauses.MalformedCall, message.Content);
        }

        session.Say(new ChatMessage { Role = ChatRole.User, Content = "error: malformed answer" });
        return null;
    }

    // The calls start in order (an environment numbers them as they come) and run together.
    private async Task<ToolObservation[]> CallAsync(
        ImmutableArray<ToolCall> calls, IEnvironmentInstance environment, CancellationToken cancellationToken)
    {
        var running = calls.Select((call, index) => index < limits.MaxParallelCalls
            ? CallAsync(call, environment, cancellationToken)
            : Task.FromResult(ToolObservation.Invalid("too many calls")));
        return await Task.WhenAll(running);
    }

    private static async Task<ToolObservation> CallAsync(
        ToolCall call, IEnvironmentInstance environment, CancellationToken cancellationToken)
    {
        try
        {
            return await environment.CallToolAsync(call.Name, call.ArgumentsJson, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            throw new EnvironmentFaultException($"Tool '{call.Name}' threw on {call.ArgumentsJson}: {fault.Message}", fault);
        }
    }

    private static AgentStep Step(ChatReply reply, ToolObservation[] results) => new(
        reply.Malformed,
        results.Length,
        results.Count(result => result.Outcome == ToolOutcome.InvalidCall),
        results.Count(result => result.IsError));

    private static void Tell(AgentSession session, ImmutableArray<ToolCall> calls, ToolObservation[] results)
    {
        for (var index = 0; index < results.Length; index++)
        {
            session.Say(new ChatMessage { Role = ChatRole.Tool, Content = results[index].Text, ToolCallId = calls[index].Id });
        }
    }
}
