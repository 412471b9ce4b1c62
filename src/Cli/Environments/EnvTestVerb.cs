using System.CommandLine;
using System.Text.Json.Nodes;
using Forge.AgentSide;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Examination;
using Forge.Cli.Composition;
using Forge.Cli.Terminal;
using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Spectre.Console;

namespace Forge.Cli.Environments;

/// <summary><c>forge env test</c>: holds an environment to the promises of docs/environments.md.</summary>
internal static class EnvTestVerb
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The environment's name." };
        var assembly = new Option<string?>("--assembly") { Description = "The built assembly of an environment of your own.", HelpName = "file" };
        var set = new RunSwitches().Set;
        var tasks = new Option<int>("--tasks")
        {
            Description = $"Tasks of each level and split, at least {ExaminationOptions.FewestTasks}.",
            DefaultValueFactory = _ => new ExaminationOptions().Tasks,
        };
        var seed = new Option<ulong>("--seed") { Description = "Chooses the tasks.", DefaultValueFactory = _ => new ExaminationOptions().Seed };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var command = new Command("test", "Checks determinism, splits, calls, rewards and leaks of the answer, and measures cost.")
        {
            name, assembly, set, tasks, seed, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = parsed.GetValue(tasks);
            if (count < ExaminationOptions.FewestTasks)
            {
                throw new UsageException($"--tasks {count}: fewer than {ExaminationOptions.FewestTasks} can't tell a leak from a coincidence.");
            }

            var options = OptionsOf(parsed.GetValue(name)!, parsed.GetValue(assembly), parsed.GetValue(set) ?? []);
            var report = await ExamineAsync(options, new ExaminationOptions { Tasks = count, Seed = parsed.GetValue(seed) }, cancellationToken);
            Show(report, parsed.GetValue(json));
            return (int)(report.Failures.Any() ? ExitCode.Failure : ExitCode.Success);
        });
        return command;
    }

    private static EnvironmentOptions OptionsOf(string name, string? assembly, string[] set)
    {
        string[] own = assembly is null ? [] : [$"agent_side.environment.assembly={assembly}"];
        string[] overrides = [$"agent_side.environment.name={name}", .. own, .. set];
        return RunFile.Parse("", "command line", overrides, ForgeRunSchema.Create(), Environment.GetEnvironmentVariable).Section<AgentSideOptions>().Environment;
    }

    // What an environment's own code throws is the environment's fault and no bug of Forge: the message is enough, with where it came from.
    private static async Task<ExaminationReport> ExamineAsync(EnvironmentOptions options, ExaminationOptions extent, CancellationToken cancellationToken)
    {
        try
        {
            return await EnvironmentExaminer.ExamineAsync(() => EnvironmentCatalog.Create(options), extent, cancellationToken);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or ForgeException))
        {
            throw new EnvironmentFaultException($"environment '{options.Name}' threw {fault.GetType().Name}: {fault.Message}\n{fault.StackTrace}", fault);
        }
    }

    private static void Show(ExaminationReport report, bool json)
    {
        if (json)
        {
            Console.WriteLine(Json(report).ToJsonString());
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var finding in report.Findings)
        {
            grid.AddRow(Mark(finding.Verdict), Markup.Escape(finding.Check), Markup.Escape(finding.Detail));
            if (finding.Remedy.Length > 0)
            {
                grid.AddRow("", "", $"[yellow]{Markup.Escape(finding.Remedy)}[/]");
            }
        }

        AnsiConsole.Write(grid);
        var table = new Table().Border(TableBorder.None).AddColumns("LEVEL", "EPISODES", "TURNS", "CALLS", "KB/TURN", "µs/TURN (information)");
        foreach (var cost in report.Costs)
        {
            table.AddRow(
                $"{cost.Level}", $"{cost.Episodes}", Text($"{cost.TurnsPerEpisode:0.0}"), Text($"{cost.CallsPerEpisode:0.0}"),
                Text($"{cost.BytesPerTurn / 1024:0.0}"), Text($"{cost.MicrosecondsPerTurn:0}"));
        }

        AnsiConsole.Write(table);
    }

    private static JsonObject Json(ExaminationReport report) => new()
    {
        ["environment"] = report.Environment,
        ["passed"] = !report.Failures.Any(),
        ["findings"] = new JsonArray([.. report.Findings.Select(finding => new JsonObject
        {
            ["check"] = finding.Check,
            ["verdict"] = finding.Verdict.ToString().ToLowerInvariant(),
            ["detail"] = finding.Detail,
            ["remedy"] = finding.Remedy,
        })]),
        ["costs"] = new JsonArray([.. report.Costs.Select(cost => new JsonObject
        {
            ["level"] = cost.Level,
            ["episodes"] = cost.Episodes,
            ["turns_per_episode"] = cost.TurnsPerEpisode,
            ["calls_per_episode"] = cost.CallsPerEpisode,
            ["bytes_per_turn"] = cost.BytesPerTurn,
            ["microseconds_per_turn"] = cost.MicrosecondsPerTurn,
        })]),
    };

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static string Mark(ExaminationVerdict verdict) => verdict switch
    {
        ExaminationVerdict.Passed => "[green]ok[/]",
        ExaminationVerdict.Skipped => "[yellow]skip[/]",
        _ => "[red]BAD[/]",
    };
}
