using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Terminal;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Cli.Runs;

/// <summary><c>forge up</c>: starts a run whose services run apart, and looks after them.</summary>
internal static class UpVerb
{
    private const string DefaultRunFile = "configs/distributed.yaml";

    public static Command Create()
    {
        var command = new Command("up", "Starts a run whose services run apart, with PostgreSQL and Redis, and keeps them running until it is done.");
        var file = new Argument<FileInfo?>("file") { Description = $"The run file. Default: {DefaultRunFile}.", Arity = ArgumentArity.ZeroOrOne };
        var steps = new Option<long?>("--steps") { Description = "Optimizer steps; shorthand for --set trainer.steps=N." };
        var detach = new Option<bool>("--detach", "-d") { Description = "Returns when the services are up; 'forge status' and 'forge logs -f' show them." };
        command.Arguments.Add(file);
        var switches = new RunSwitches().AddTo(command, hasRunDirectory: true);
        command.Options.Add(steps);
        command.Options.Add(detach);
        command.SetAction(async (parsed, _) =>
        {
            (string, object?)[] shorthands = [("trainer.steps", parsed.GetValue(steps))];
            var run = parsed.GetValue(file) is { } given
                ? RunRequest.LoadFile(parsed, switches, given.ToString(), shorthands)
                : RunRequest.Load(parsed, switches, DefaultRunFile, shorthands);
            if (RunRequest.WasDryRun(parsed, switches, run))
            {
                return 0;
            }

            Require(run);
            var folder = DistributedRun.Prepare(run, parsed.GetValue(switches.RunDir));
            return (int)(parsed.GetValue(detach) ? await DetachedRun.StartAsync(folder) : await ForegroundRun.RunAsync(run, folder));
        });
        return command;
    }

    private static void Require(RunFile run)
    {
        if (!run.Section<ServicesOptions>().IsDistributed)
        {
            throw new UsageException($"The run file has no section 'services': it is a run in one process. Start it with 'forge train', or use {DefaultRunFile}.");
        }
    }
}
