using System.CommandLine;
using System.Globalization;
using Forge.Cli.Chaos;
using Forge.Cli.Composition;
using Forge.Cli.Terminal;
using Forge.DataPool;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Cli.Verbs;

/// <summary><c>forge chaos</c>: runs the services apart under faults, and reports whether anything that was acknowledged got lost.</summary>
internal static class ChaosVerb
{
    private const string DefaultRunFile = "configs/distributed.yaml";

    // Small steps, so that a fault hits one in each of its stages, and so that two cores make one in about a second.
    private static readonly string[] Small =
    [
        "run.name=chaos", "run.history=../history",
        "agent_side.episodes_per_group=4", "agent_side.concurrency=32", "agent_side.evaluation.tasks_per_level=2",
        "data_pool.groups_per_batch=4", "data_pool.in_flight=12", "data_pool.lease_duration=5s", "rollout.slots=32",
        "trainer.steps=1000000", "trainer.time_limit=24h", "trainer.evaluate_every=50", "trainer.learning_rate=0.00001", "trainer.exactness_every=0",
        "services.data_pool=unix:data_pool.sock", "services.rollout=unix:rollout.sock", "services.gateway=unix:gateway.sock",
        "services.agent_side=unix:agent_side.sock", "services.trainer=unix:trainer.sock",
    ];

    public static Command Create()
    {
        var command = new Command("chaos", "Runs the services apart, kills, freezes and starves them, and reports what of the acknowledged was lost: nothing.");
        var minutes = new Option<double>("--minutes") { Description = "From the first step to the last fault.", DefaultValueFactory = _ => 10 };
        var every = new Option<string>("--every") { Description = "One fault for each such interval, such as 20s.", DefaultValueFactory = _ => "20s" };
        var switches = new RunSwitches();
        command.Options.Add(minutes);
        command.Options.Add(every);
        foreach (var option in (Option[])[switches.Seed, switches.Json, switches.Run, switches.Set, switches.RunDir])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, _) =>
        {
            var seed = parsed.GetValue(switches.Seed) ?? 1;
            string[] overrides = [.. Small, $"run.seed={seed}", .. parsed.GetValue(switches.Set) ?? []];
            var run = RunFile.Load(
                parsed.GetValue(switches.Run)?.ToString() ?? RepositoryPaths.Find(DefaultRunFile), overrides, ForgeRunSchema.Create(),
                Environment.GetEnvironmentVariable);
            var folder = Folder(parsed.GetValue(switches.RunDir), RunRequest.Parent(run));
            var lease = run.Section<DataPoolOptions>().LeaseDuration;
            var request = new ChaosRequest(folder, Positive(parsed.GetValue(minutes)), Interval(parsed.GetValue(every)!), seed, lease);
            return (int)await RunAsync(run, request, parsed.GetValue(switches.Json));
        });
        return command;
    }

    private static async Task<ExitCode> RunAsync(RunFile run, ChaosRequest request, bool json)
    {
        var lines = new Lock();
        void Say(string line)
        {
            lock (lines)
            {
                (json ? Console.Error : Console.Out).WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}");
            }
        }

        using var interrupts = new DoubleInterrupt(() => Say("Stopping the services in order; Ctrl-C again kills them."));
        var report = await new ChaosRun(run, request, Say).RunAsync(interrupts.First, interrupts.Second);
        Console.WriteLine(report.ToJson());
        return report.Ok ? ExitCode.Success : ExitCode.Failure;
    }

    // NAME, NAME-2, … below the folder of runs.
    private static string Folder(string? given, string parent)
    {
        var folder = given ?? Enumerable.Range(1, int.MaxValue).Select(number => Path.Combine(parent, number == 1 ? "chaos" : $"chaos-{number}"))
            .First(candidate => !Directory.Exists(candidate));
        return !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()
            ? Directory.CreateDirectory(folder).FullName
            : throw new UsageException($"'{folder}' is not empty. Choose another --run-dir, or none.");
    }

    private static double Positive(double minutes)
        => minutes > 0 ? minutes : throw new UsageException($"--minutes is {minutes}; it must be greater than 0.");

    private static TimeSpan Interval(string text)
        => double.TryParse(text.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"--every is '{text}'; write seconds, such as 20s.");
}
