using System.CommandLine;
using Forge.Hosting.Faults;

namespace Forge.Cli.Runs;

/// <summary><c>forge resume</c>: goes on with a run, in one process or apart, as it was started.</summary>
internal static class ResumeVerb
{
    public static Command Create()
    {
        var command = new Command("resume", "Goes on with a run; services that survived their supervisor are taken over.");
        var detach = new Option<bool>("--detach", "-d") { Description = "Returns when the services are up; for runs whose services run apart." };
        command.Options.Add(RunTarget.Option);
        command.Options.Add(detach);
        command.SetAction(async (parsed, _) =>
        {
            var target = RunTarget.Of(parsed);
            if (!target.IsDistributed)
            {
                return parsed.GetValue(detach)
                    ? throw new UsageException("This run is one process, which has no services to detach from. Leave --detach out, or use nohup or tmux.")
                    : await ForgeCommandLine.RunAsync(["train", "--resume", "--run-dir", target.Processes.Run]);
            }

            return (int)(parsed.GetValue(detach)
                ? await DetachedRun.StartAsync(target.Processes.Run)
                : await ForegroundRun.RunAsync(target.Run, target.Processes.Run));
        });
        return command;
    }
}
