using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary>Tells every change of a run's window until the run ends: woken by Redis when the run has one, by asking its service otherwise.</summary>
internal static class WindowFollower
{
    // A wake-up may get lost; and whether the run lives, Redis does not know.
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    public static async Task FollowAsync(RunTarget target, Action<string> say, CancellationToken cancellationToken)
    {
        await using var hot = await WindowView.ConnectAsync(target);
        var told = "";
        while (PsVerb.Rows(target).Any(IsAlive))
        {
            // Armed before looking, so that a change in between is not missed.
            var change = hot?.WaitAsync(MostWait, cancellationToken);
            var view = await WindowView.OfAsync(hot, new Dictionary<string, ServiceAnswer>(), cancellationToken)
                ?? await WindowView.OfAsync(null, await ServiceProbe.AskAllAsync(target, cancellationToken), cancellationToken);
            if (view is not null && view.Text != told)
            {
                told = view.Text;
                say($"{view.Text} (from {view.Source})");
            }

            await (view?.Source == "Redis" ? change! : Task.Delay(Glance, TimeProvider.System, cancellationToken));
        }
    }

    private static bool IsAlive(ProcessStatus process) => process.ProcessId is not null;
}
