using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Forge.AgentSide.Agents;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.BlackBox.Programs;
using Forge.AgentSide.BlackBox.Templates;
using Forge.AgentSide.Environments;
using Forge.Core.Faults;
using Forge.Core.Harnesses;
using Forge.Core.Ring;

namespace Forge.AgentSide.BlackBox;

/// <summary>
/// The black-box agent: a program that nobody here wrote plays the episode over HTTP. What it did is what the gateway recorded; what it
/// achieved is what the verifier finds in its answer. Its exit code says nothing.
/// </summary>
/// <remarks>
/// <code>
///   gateway: open ──▶ desk: open ──▶ program runs ──▶ all of it killed ──▶ desk: close ──▶ gateway: close ──▶ steps, answer
///                        ▲               │  ▲
///                        │ tools, reward │  │ chat, responses, messages, recorded call by call
///                        └───────────────┘  └──── gateway
/// </code>
/// </remarks>
public sealed class ProgramAgent(ProgramAgentParts parts) : IAgent
{
    // Whoever opened an episode closes it; this is for those who were killed in between.
    private static readonly TimeSpan AfterLimit = TimeSpan.FromMinutes(10);

    private readonly ProgramPlan _plan = ProgramPlan.Of(parts.Options);

    public async Task<AgentOutcome> PlayAsync(AgentSession session, IEnvironmentInstance environment, EpisodeClock clock)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(clock);
        var access = await clock.AskAsync((_, stop) => parts.Gateway.OpenAsync(Session(session), stop));
        HarnessTrace? trace = null;
        try
        {
            var folder = EpisodeFolder.Create(parts.Folder, session.Episode, parts.Options.Files);
            var desk = DeskOf(access, session.Episode);
            var json = ProgramTask.Json(session, parts.Limits, access, desk);
            using var entry = new DeskEpisode(access.Key, json, environment, parts.Options, clock.Token);
            folder.Write(Path.GetRelativePath(folder.Work, folder.Task), json);
            var (end, uses) = await RunAsync(session, access, folder, entry, clock);
            trace = await CloseAsync(session.Episode);
            if (end.WasStopped && !clock.IsOver)
            {
                clock.Token.ThrowIfCancellationRequested();
            }

            foreach (var (step, call) in PlayedSteps.Of(trace, uses).Zip(trace.Calls))
            {
                session.Record(step, call.ResponseTokens);
            }

            return Kept(() => Judge(trace, entry, folder, end, clock), folder, session, end, uses);
        }
        finally
        {
            if (trace is null)
            {
                await GiveUpAsync(session.Episode);
            }
        }
    }

    /// <summary>Nothing is kept here between episodes.</summary>
    public void End(EpisodeId episode)
    {
    }

    private HarnessSession Session(AgentSession session) => new()
    {
        Episode = session.Episode,
        Sampling = session.Sampling with { MaxNewTokens = Math.Min(parts.Limits.MaxNewTokens, parts.Limits.MaxTokens) },
        MaxTurns = parts.Limits.MaxTurns,
        MaxTokens = parts.Limits.MaxTokens,
        Lifetime = parts.Limits.Timeout + AfterLimit,
    };

    private Uri DeskOf(HarnessAccess access, EpisodeId episode)
        => parts.DeskAddress is { } root ? new Uri(root, $"/e/{Uri.EscapeDataString(episode.Value)}") : access.BaseUrl;

    private async Task<(ProgramEnd End, ImmutableArray<ToolUse> Uses)> RunAsync(
        AgentSession session, HarnessAccess access, EpisodeFolder folder, DeskEpisode entry, EpisodeClock clock)
    {
        var start = Start(session, access, folder);
        parts.Desk.Open(session.Episode, entry);
        try
        {
            var end = await parts.Programs.RunAsync(start, clock.Token);
            return (end, await entry.CloseAsync());
        }
        finally
        {
            parts.Desk.Close(session.Episode);
        }
    }

    private ProgramStart Start(AgentSession session, HarnessAccess access, EpisodeFolder folder)
    {
        var api = access.BaseUrl.AbsoluteUri;
        var placeholders = new Placeholders(new Dictionary<string, string>
        {
            ["prompt"] = ProgramTask.Prompt(session),
            ["question"] = session.Task.Question,
            ["base_url"] = api,
            ["key"] = access.Key,
            ["model"] = access.Model,
            ["work"] = folder.Work,
            ["home"] = folder.Home,
            ["task"] = folder.Task,
            ["packages"] = Path.GetFullPath(parts.Options.Packages ?? "."),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal));
        foreach (var (path, text) in _plan.Files)
        {
            folder.Write(path, placeholders.FillQuoted(text));
        }

        var variables = Variables(api, access, session.Episode, folder)
            .SetItems(_plan.Variables.Select(variable => KeyValuePair.Create(variable.Key, placeholders.Fill(variable.Value))));
        return new ProgramStart(
            [.. _plan.Command.Select(placeholders.Fill)], folder.Work, variables, folder.Output, folder.Errors, parts.Options.MaxOutputBytes);
    }

    // The run's own secrets are in our environment: nothing of it goes to a program but where programs are found.
    private ImmutableSortedDictionary<string, string> Variables(string api, HarnessAccess access, EpisodeId episode, EpisodeFolder folder)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        var packages = parts.Options.Packages is { } given ? Path.Combine(Path.GetFullPath(given), "node_modules", ".bin") + Path.PathSeparator : "";
        return new Dictionary<string, string>
        {
            ["PATH"] = packages + path,
            ["HOME"] = folder.Home,
            ["LANG"] = "C.UTF-8",
            ["OPENAI_BASE_URL"] = $"{api}/v1",
            ["OPENAI_API_KEY"] = access.Key,
            ["ANTHROPIC_BASE_URL"] = api,
            ["ANTHROPIC_API_KEY"] = access.Key,
            ["FORGE_BASE_URL"] = DeskOf(access, episode).AbsoluteUri,
            ["FORGE_EPISODE"] = episode.Value,
            ["FORGE_MODEL"] = access.Model,
            ["FORGE_TASK"] = folder.Task,
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    // The episode's clock may be over by now; what was recorded is asked for all the same.
    private async Task<HarnessTrace> CloseAsync(EpisodeId episode)
    {
        using var silence = new CancellationTokenSource(EpisodeClock.Grace, parts.Time);
        try
        {
            return await parts.Gateway.CloseAsync(episode, silence.Token);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested)
        {
            throw new InfrastructureFaultException(
                $"The gateway did not say for {EpisodeClock.Grace} what it recorded of episode {episode}: it is away or stuck. 'forge ps' shows which.");
        }
    }

    // What ended the episode is already on its way up; a gateway that is gone as well adds nothing to it.
    private async Task GiveUpAsync(EpisodeId episode)
    {
        try
        {
            await CloseAsync(episode);
        }
        catch (ForgeException)
        {
            return;
        }
    }

    private AgentOutcome Judge(HarnessTrace trace, DeskEpisode entry, EpisodeFolder folder, ProgramEnd end, EpisodeClock clock)
    {
        if (entry.Fault is { } broken)
        {
            throw broken;
        }

        if (trace.Fault is { } fault)
        {
            throw new InfrastructureFaultException(fault);
        }

        if (trace.Calls.IsEmpty && end.WasStopped && clock.IsOver)
        {
            throw new InfrastructureFaultException(
                $"No call of the model was answered in {parts.Limits.Timeout}: the engine is away or stuck, or the program never called; see {folder.Root}.");
        }

        var text = folder.ReadAnswer() ?? PlayedSteps.FinalText(trace);
        var outcome = end.WasStopped && clock.IsOver ? AgentOutcome.Limit(EndCauses.Timeout, text)
            : trace.Limit is { } limit ? AgentOutcome.Limit(limit, text)
            : trace.Calls.IsEmpty ? throw NeverCalled(folder, end)
            : entry.Posted is not null ? new AgentOutcome(EpisodeStatus.Completed, EndCauses.PostedReward, text)
            : text.Length == 0 ? AgentOutcome.Failure(EndCauses.EmptyAnswer, "")
            : AgentOutcome.Answer(text);
        return parts.Options.Reward == RewardSource.Program ? outcome with { Posted = entry.Posted ?? EnvironmentScore.Unsolved } : outcome;
    }

    private static EnvironmentFaultException NeverCalled(EpisodeFolder folder, ProgramEnd end) => new(
        $"The program ended (exit code {end.ExitCode}) without calling the model once: it says nothing about the policy. "
        + $"Its output is in {folder.Root}; its last words: {folder.LastErrors()}");

    // What broke is looked at more often than what went well.
    private AgentOutcome Kept(Func<AgentOutcome> judge, EpisodeFolder folder, AgentSession session, ProgramEnd end, ImmutableArray<ToolUse> uses)
    {
        try
        {
            var outcome = judge();
            Keep(folder, session, outcome, end, uses);
            return outcome;
        }
        catch (ForgeException fault)
        {
            Keep(folder, session, new AgentOutcome(EpisodeStatus.EnvironmentFailure, fault.GetType().Name, fault.Message), end, uses);
            throw;
        }
    }

    private void Keep(EpisodeFolder folder, AgentSession session, AgentOutcome outcome, ProgramEnd end, ImmutableArray<ToolUse> uses)
    {
        var gone = folder.Trim(parts.Options.MaxKeptBytes);
        File.WriteAllText(folder.Outcome, new JsonObject
        {
            ["episode"] = session.Episode.Value,
            ["task"] = session.Task.Reference.Id.Value,
            ["status"] = outcome.Status.ToString(),
            ["cause"] = outcome.Cause,
            ["answer"] = outcome.Text,
            ["turns"] = session.Steps.Count,
            ["generated_tokens"] = session.GeneratedTokens,
            ["tool_calls"] = new JsonArray([.. uses.Select(use => (JsonNode)new JsonObject
            {
                ["name"] = use.Name, ["arguments"] = use.ArgumentsJson, ["text"] = use.Observation.Text, ["is_error"] = use.Observation.IsError,
            })]),
            ["exit_code"] = end.ExitCode,
            ["was_stopped"] = end.WasStopped,
            ["deleted_files"] = new JsonArray([.. gone.Select(path => (JsonNode)path)]),
        }.ToJsonString() + "\n");
        EpisodeFolder.KeepNewest(parts.Folder, parts.Options.KeptEpisodes);
    }
}
