using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Forge.Core.Ring;

namespace Forge.Core.Tracing;

/// <summary>
/// Makes the spans of the ring. One trace per episode, whose id follows from the run and the episode's id, so that every completion keeps it by
/// keeping its episode, and services far apart agree on it without telling each other.
/// </summary>
/// <remarks>
/// <code>
/// trace of an episode   rl.episode ─▶ chat (one per completion) ─▶ HTTP spans of the services      rl.train ──link──▶ rl.step
/// trace of a step       rl.step ──links──▶ every episode of its batch
/// </code>
/// Nothing is made, and nothing costs, unless somebody listens to <see cref="SourceName"/>.
/// </remarks>
public static class RingTrace
{
    public const string SourceName = "Forge";

    private static readonly ActivitySource Source = new(SourceName);
    private static string _run = "";

    /// <summary>Says which run this process works for, before its first span: two runs have no trace in common.</summary>
    public static void BelongsTo(string run) => Volatile.Write(ref _run, run);

    /// <summary>The trace of an episode, and the span above all of its spans, which nobody reports.</summary>
    public static ActivityContext ContextOf(EpisodeId episode)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Volatile.Read(ref _run)}\n{episode}"), hash);
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(hash[..16]), ActivitySpanId.CreateFromBytes(hash[16..24]), ActivityTraceFlags.Recorded, isRemote: true);
    }

    /// <summary>An agent plays.</summary>
    public static Activity? StartEpisode(EpisodeId episode, TaskReference task)
    {
        var span = Start("rl.episode", ActivityKind.Internal, episode);
        span?.SetTag("rl.episode.id", episode.Value).SetTag("rl.task.id", task.Id.ToString())
            .SetTag("rl.environment", task.Environment).SetTag("rl.task.difficulty", task.Difficulty);
        return span;
    }

    public static void EndEpisode(Activity? span, EpisodeResult result)
        => span?.SetTag("rl.episode.status", result.Status.ToString()).SetTag("rl.episode.success", result.Success).SetTag("rl.episode.end_cause", result.EndCause);

    /// <summary>The gateway answers a call.</summary>
    public static Activity? StartChat(EpisodeId episode, SamplingParameters sampling)
    {
        var span = Start("chat", ActivityKind.Server, episode);
        span?.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", "forge").SetTag("gen_ai.conversation.id", episode.Value)
            .SetTag("gen_ai.request.temperature", sampling.Temperature).SetTag("gen_ai.request.top_p", sampling.TopP)
            .SetTag("gen_ai.request.max_tokens", sampling.MaxNewTokens).SetTag("rl.episode.id", episode.Value);
        return span;
    }

    public static void EndChat(Activity? span, Completion completion)
        => span?.SetTag("gen_ai.response.id", completion.Id.ToString()).SetTag("gen_ai.usage.input_tokens", completion.PromptIds.Length)
            .SetTag("gen_ai.usage.output_tokens", completion.ResponseIds.Length)
            .SetTag("gen_ai.response.finish_reasons", new[] { completion.FinishReason.ToString().ToLowerInvariant() })
            .SetTag("rl.turn", completion.Turn).SetTag("rl.policy.version", completion.TokenVersions is [.., var last] ? last : completion.OldestKvVersion.Value);

    /// <summary>The trainer makes an optimizer step; its span is linked with every episode that it trains on, and they with it.</summary>
    /// <param name="step">Which step, from 1.</param>
    /// <param name="version">The version that it starts from.</param>
    /// <param name="groups">Its batch.</param>
    public static StepTrace StartStep(long step, PolicyVersion version, IReadOnlyCollection<Group> groups)
    {
        if (!Source.HasListeners())
        {
            return default;
        }

        var episodes = groups.SelectMany(group => group.Episodes.Select(episode => (Group: group.Id, episode.Id))).ToArray();
        var links = episodes.Select(episode => new ActivityLink(ContextOf(episode.Id))).ToArray();
        var span = Source.StartActivity("rl.step", ActivityKind.Internal, default(ActivityContext), links: links);
        span?.SetTag("rl.step", step).SetTag("rl.policy.version", version.Value).SetTag("rl.batch.groups", groups.Count).SetTag("rl.batch.episodes", episodes.Length);
        return new StepTrace(span, [.. episodes.Select(episode => StartTraining(episode.Group, episode.Id, step, span))]);
    }

    private static Activity? StartTraining(GroupId group, EpisodeId episode, long step, Activity? stepSpan)
    {
        ActivityLink[] links = stepSpan is null ? [] : [new ActivityLink(stepSpan.Context)];
        var span = Source.StartActivity("rl.train", ActivityKind.Consumer, ContextOf(episode), links: links);
        span?.SetTag("rl.episode.id", episode.Value).SetTag("rl.group.id", group.Value).SetTag("rl.step", step);
        Activity.Current = stepSpan;
        return span;
    }

    // A caller with a trace of its own (another harness) is linked, and does not take the episode out of its trace.
    private static Activity? Start(string name, ActivityKind kind, EpisodeId episode)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var own = ContextOf(episode);
        var current = Activity.Current?.Context;
        return current is { } above && above.TraceId == own.TraceId
            ? Source.StartActivity(name, kind, above)
            : Source.StartActivity(name, kind, own, links: current is { } foreign ? [new ActivityLink(foreign)] : []);
    }
}
