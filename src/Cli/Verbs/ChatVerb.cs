using System.CommandLine;
using System.Globalization;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.Cli.Chat;
using Forge.Cli.Composition;
using Forge.Cli.Terminal;
using Forge.Core.Ring;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Spectre.Console;

namespace Forge.Cli.Verbs;

/// <summary><c>forge chat</c>: lets a person ask a checkpoint, with an environment's tools at its hands.</summary>
internal static class ChatVerb
{
    private const string DefaultRunFile = "configs/quickstart.yaml";

    public static Command Create()
    {
        var command = new Command("chat", "Talks to a checkpoint with an environment's tools; shows thinking, calls and results.");
        var switches = new RunSwitches().AddTo(command, hasRunDirectory: false);
        var checkpoint = new Option<string?>("--checkpoint", "-c") { Description = "The folder; default: the run file's.", HelpName = "folder" };
        var level = new Option<int?>("--level") { Description = "Difficulty of the suggested questions; default: the hardest." };
        var ask = new Option<string?>("--ask")
        {
            Description = "Asks this one question (empty: the suggested one), prints the answer, and ends.",
            HelpName = "question",
        };
        var temperature = new Option<double>("--temperature") { Description = "0 is greedy.", DefaultValueFactory = _ => 0 };
        foreach (var option in (Option[])[checkpoint, level, ask, temperature])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, _) =>
        {
            var run = RunRequest.Load(parsed, switches, DefaultRunFile, ("model.checkpoint", parsed.GetValue(checkpoint)));
            if (!RunRequest.WasDryRun(parsed, switches, run))
            {
                await TalkAsync(run, parsed.GetValue(level), parsed.GetValue(ask), parsed.GetValue(temperature));
            }

            return 0;
        });
        return command;
    }

    private static async Task TalkAsync(RunFile run, int? level, string? ask, double temperature)
    {
        using var interrupts = new Interrupts(() => { });
        var policy = PolicyFolder.OpenFor(run);
        using var ring = new SamplingRing(run, policy, TimeProvider.System);
        var chosen = level ?? ring.Environment.Levels[^1];
        if (!ring.Environment.Levels.Contains(chosen))
        {
            throw new UsageException($"--level {chosen}: {ring.Environment.Name} has the levels {string.Join(", ", ring.Environment.Levels)}.");
        }

        await ring.PublishFolderAsync(interrupts.Requested);
        var tools = string.Join(", ", ring.Environment.Tools.Select(tool => tool.Name));
        AnsiConsole.MarkupLine($"[grey]{Markup.Escape($"{policy.Path}: {policy.Summary}; tools: {tools}")}[/]");
        var seed = run.Section<RunOptions>().Seed;
        for (var round = 0UL; !interrupts.Requested.IsCancellationRequested; round++)
        {
            var task = ring.Environment.Sample(TaskSplit.HeldOut, chosen, SeededRandom.Combine(seed, round) >> 1);
            if (await QuestionAsync(task, ask, interrupts.Requested) is not { } question)
            {
                return;
            }

            var sampling = new SamplingParameters { Temperature = temperature, Seed = seed + round };
            await AnswerAsync(ring, task, question, sampling, interrupts.Requested);
            if (ask is not null)
            {
                return;
            }
        }
    }

    /// <summary>Returns null when the user has no more questions.</summary>
    private static async Task<string?> QuestionAsync(EnvironmentTask task, string? ask, CancellationToken cancellationToken)
    {
        if (ask is not null)
        {
            var asked = ask.Length > 0 ? ask : task.Question;
            AnsiConsole.MarkupLine($"[bold]    you[/]  {Markup.Escape(asked)}");
            return asked;
        }

        AnsiConsole.MarkupLine($"\n[grey]Enter asks: {Markup.Escape(task.Question)}  (Ctrl-D ends)[/]");
        AnsiConsole.Markup("[bold]    you[/]  ");
        var line = await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        return line is { Length: 0 } ? task.Question : line;
    }

    private static async Task AnswerAsync(
        SamplingRing ring, EnvironmentTask task, string question, SamplingParameters sampling, CancellationToken cancellationToken)
    {
        var narrator = new Narrator(AnsiConsole.Console);
        var gateway = new NarratingGateway(ring.Gateway(new EpisodeCollector()), narrator);
        using var instance = new NarratingInstance(ring.Environment.Open(task, sampling.Seed), narrator);
        var episode = new EpisodeId(string.Create(CultureInfo.InvariantCulture, $"chat-{sampling.Seed}"));
        var session = new AgentSession(episode, ring.Environment, task with { Question = question }, sampling);
        using var clock = new EpisodeClock(ring.AgentSide.Limits.Timeout, TimeProvider.System, cancellationToken);
        var outcome = await new ToolAgent(gateway, ring.AgentSide.Limits).PlayAsync(session, instance, clock);
        var isScored = question == task.Question && outcome.Status == EpisodeStatus.Completed;
        narrator.Tell(outcome, isScored ? instance.Score(outcome.Text).Success : null);
        gateway.EndSession(episode);
    }
}
