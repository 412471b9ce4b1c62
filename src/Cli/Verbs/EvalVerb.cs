using System.CommandLine;
using System.Text.Json.Nodes;
using Forge.AgentSide.Evaluation;
using Forge.Cli.Composition;
using Forge.Cli.Display;
using Forge.Cli.Terminal;
using Forge.Core.Ring;
using Forge.Hosting.RunFiles;
using Spectre.Console;

namespace Forge.Cli.Verbs;

/// <summary><c>forge eval</c>: plays held-out tasks with a checkpoint and prints success by difficulty.</summary>
internal static class EvalVerb
{
    private const string DefaultRunFile = "configs/quickstart.yaml";

    public static Command Create()
    {
        var command = new Command("eval", "Plays held-out tasks with a checkpoint; prints success by difficulty with 95 % intervals.");
        var switches = new RunSwitches().AddTo(command, hasRunDirectory: false);
        var checkpoint = new Option<string?>("--checkpoint", "-c") { Description = "The folder; default: the run file's.", HelpName = "folder" };
        var tasks = new Option<int?>("--tasks") { Description = "Held-out tasks of each level." };
        var samples = new Option<int?>("--samples") { Description = "Also samples each task this often and prints pass@k." };
        var temperature = new Option<double>("--temperature") { Description = "Of --samples; the rest is greedy.", DefaultValueFactory = _ => 1.0 };
        foreach (var option in (Option[])[checkpoint, tasks, samples, temperature])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, _) =>
        {
            var run = RunRequest.Load(parsed, switches, DefaultRunFile,
                ("model.checkpoint", parsed.GetValue(checkpoint)),
                ("agent_side.evaluation.tasks_per_level", parsed.GetValue(tasks)),
                ("agent_side.evaluation.samples", parsed.GetValue(samples)));
            if (!RunRequest.WasDryRun(parsed, switches, run))
            {
                await EvaluateAsync(run, parsed.GetValue(samples) is not null ? parsed.GetValue(temperature) : null, switches.Output(parsed));
            }

            return 0;
        });
        return command;
    }

    private static async Task EvaluateAsync(RunFile run, double? sampledAt, OutputMode output)
    {
        using var interrupts = new Interrupts(() => Console.Error.WriteLine("forge: stopping"));
        var policy = PolicyFolder.OpenFor(run);
        using var ring = new SamplingRing(run, policy, TimeProvider.System);
        if (output != OutputMode.Json)
        {
            Console.WriteLine($"{policy.Path}: {policy.Summary}; {ring.Evaluator.Tasks().Length} held-out tasks of {ring.Environment.Name}");
        }

        await ring.PublishFolderAsync(interrupts.Requested);
        var report = await ring.Evaluator.EvaluateAsync(PolicyVersion.Initial, interrupts.Requested);
        PassAtKReport? passes = null;
        if (sampledAt is { } temperature)
        {
            var sampling = new SamplingParameters { Temperature = temperature, Seed = run.Section<RunOptions>().Seed };
            passes = await ring.Evaluator.MeasurePassAtKAsync(sampling, interrupts.Requested);
        }

        Show(ring, report, passes, output);
    }

    private static void Show(SamplingRing ring, EvaluationReport report, PassAtKReport? passes, OutputMode output)
    {
        if (output == OutputMode.Json)
        {
            var json = new JsonObject
            {
                ["environment"] = ring.Environment.Name,
                ["checkpoint"] = ring.Policy.Path,
                ["greedy"] = SummaryJson.Of(report),
            };
            if (passes is not null)
            {
                json["pass_at_k"] = PassAtKTable.ToJson(passes);
            }

            Console.WriteLine(json.ToJsonString());
            return;
        }

        AnsiConsole.Write(EvaluationTable.Of(("greedy", report)));
        Console.WriteLine(FormattableString.Invariant($"{report.MeanTurns:0.00} calls of the model per task"));
        if (passes is not null)
        {
            AnsiConsole.Write(PassAtKTable.Of(passes));
        }
    }
}
