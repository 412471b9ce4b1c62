using System.CommandLine;
using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.Services;

namespace Forge.Cli.Runs;

/// <summary><c>forge logs</c>: what the processes of a run logged, in the order in which it happened.</summary>
internal static class LogsVerb
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(300);

    public static Command Create()
    {
        var command = new Command("logs", "Shows what a run logged, all its processes together.");
        var service = new Argument<string?>("service") { Description = "Only this one, such as data_pool.", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on until Ctrl-C." };
        var count = new Option<int>("--lines", "-n") { Description = "How many of the newest lines; 0 shows all.", DefaultValueFactory = _ => 100 };
        command.Arguments.Add(service);
        command.Options.Add(RunTarget.Option);
        command.Options.Add(follow);
        command.Options.Add(count);
        command.SetAction(async (parsed, _) =>
        {
            var files = Files(RunTarget.Of(parsed), parsed.GetValue(service));
            var lines = files.SelectMany(file => file.ReadNew()).OrderBy(line => line.Time).ToList();
            Write(parsed.GetValue(count) is > 0 and var most ? lines.TakeLast(most) : lines);
            if (parsed.GetValue(follow))
            {
                using var interrupts = new DoubleInterrupt(() => { });
                await FollowAsync(files, interrupts.First);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static async Task FollowAsync(IReadOnlyList<LogFile> files, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Write(files.SelectMany(file => file.ReadNew()).OrderBy(line => line.Time));
            await Task.Delay(Glance, CancellationToken.None);
        }
    }

    private static List<LogFile> Files(RunTarget target, string? service)
    {
        if (!target.IsDistributed)
        {
            return service is null ? [new LogFile("train", Path.Combine(target.Processes.Run, "log.jsonl"))]
                : throw new UsageException($"This run is one process and has one log; leave '{service}' out.");
        }

        string[] names = [.. Enum.GetValues<ServiceName>().Select(ServiceNames.Of), Hosting.Supervision.RunProcesses.Supervisor, "postgres", "redis"];
        if (service is not null && !names.Contains(service))
        {
            throw new UsageException($"There is no service '{service}'; known are {string.Join(", ", names)}.");
        }

        return [.. names.Where(name => service is null || name == service).SelectMany(name => Paths(target, name).Select(path => new LogFile(name, path)))];
    }

    private static IEnumerable<string> Paths(RunTarget target, string name) => name switch
    {
        "postgres" or "redis" => [Path.Combine(target.Processes.Run, name, $"{name}.log")],
        _ => [target.Processes.LogFile(name), target.Processes.OutputFile(name)],
    };

    private static void Write(IEnumerable<LogLine> lines)
    {
        foreach (var line in lines)
        {
            Console.WriteLine($"{line.Time.ToLocalTime():HH:mm:ss.fff} {line.Process,-10} {line.Text}");
        }
    }
}
