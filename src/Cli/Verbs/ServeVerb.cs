using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Services;
using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Cli.Verbs;

/// <summary><c>forge serve SERVICE</c>: runs one service of a distributed run in this process.</summary>
internal static class ServeVerb
{
    private const string DefaultRunFile = "configs/distributed.yaml";

    public static Command Create()
    {
        var command = new Command("serve", "Runs one service of a distributed run until it is asked to end; 'forge up' runs all of them.");
        var service = new Argument<string>("service") { Description = "Which: " + string.Join(", ", Names()) + "." };
        service.AcceptOnlyFromAmong(Names());
        command.Arguments.Add(service);
        var switches = new RunSwitches().AddTo(command, hasRunDirectory: true);
        command.SetAction(async (parsed, _) =>
        {
            var run = RunRequest.Load(parsed, switches, DefaultRunFile);
            if (RunRequest.WasDryRun(parsed, switches, run))
            {
                return 0;
            }

            Require(run);
            var name = ServiceNames.Parse(parsed.GetRequiredValue(service))!.Value;
            var folder = Path.GetFullPath(parsed.GetValue(switches.RunDir) ?? Path.Combine(RunRequest.Parent(run), run.Section<RunOptions>().Name));
            Directory.CreateDirectory(folder);
            using var interrupts = new Interrupts(() => Console.Error.WriteLine($"forge: {ServiceNames.Of(name)} is ending; Ctrl-C again ends it at once"));
            return (int)await ServiceRunner.RunAsync(name, run, folder, interrupts.Requested);
        });
        return command;
    }

    private static string[] Names() => [.. Enum.GetValues<ServiceName>().Select(ServiceNames.Of)];

    private static void Require(RunFile run)
    {
        if (!run.Section<ServicesOptions>().IsDistributed)
        {
            throw new UsageException(
                "The run file has no addresses in its services section, so one process runs everything: use forge train. "
                + "To run services apart, give all five addresses, as configs/distributed.yaml does.");
        }
    }
}
