using Forge.Hosting.Health;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary>Everything that is known about a run at one moment.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Now">The moment.</param>
/// <param name="IsRunning">Whether any of its processes lives.</param>
/// <param name="LastStep">The newest line of metrics.jsonl; null before the first step.</param>
/// <param name="Processes">Its processes.</param>
/// <param name="Services">What its services answered, by name; empty for a run in one process.</param>
/// <param name="Window">The data pool's window; null when nobody tells.</param>
internal sealed record RunReport(
    string Run,
    string Folder,
    DateTimeOffset Now,
    bool IsRunning,
    string? LastStep,
    IReadOnlyList<ProcessStatus> Processes,
    IReadOnlyDictionary<string, ServiceAnswer> Services,
    WindowView? Window)
{
    // Shorter waits are how a ring works.
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(1);

    public static async Task<RunReport> GatherAsync(RunTarget target, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var processes = PsVerb.Rows(target);
        var isRunning = processes.Any(process => process.ProcessId is not null);
        IReadOnlyDictionary<string, ServiceAnswer> services = isRunning && target.IsDistributed
            ? await ServiceProbe.AskAllAsync(target, cancellationToken)
            : new Dictionary<string, ServiceAnswer>();
        var last = StepFollower.LastLine(Path.Combine(target.Processes.Run, "metrics.jsonl"));
        await using var hot = isRunning ? await WindowView.ConnectAsync(target) : null;
        var window = await WindowView.OfAsync(hot, services, cancellationToken);
        return new RunReport(target.Name, target.Processes.Run, now, isRunning, last, processes, services, window);
    }

    /// <summary>What the services say, and below it every long wait, the longest first.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var (name, answer) in Services)
        {
            if (answer.Status is not { } status)
            {
                yield return $"{name}: {answer.Problem}. See 'forge logs {name} --run-dir {Folder}'.";
                continue;
            }

            var reasons = status.NotReady.Count == 0 ? "ready" : "not ready: " + string.Join("; ", status.NotReady.Select(reason => $"{reason.Key} {reason.Value}"));
            yield return $"{name}: {reasons}{string.Concat(status.Parts.Select(part => $"; {part.Part}: {part.Doing}"))}";
        }

        foreach (var (service, wait) in Waits().OrderBy(found => found.Wait.Since))
        {
            yield return "";
            yield return $"{service} waits for {wait.For} since {wait.Since.ToLocalTime():HH:mm:ss} ({Durations.Short(Now - wait.Since)}): {wait.What}.";
            yield return $"  What to do: {wait.Remedy}";
        }
    }

    private IEnumerable<(string Service, Wait Wait)> Waits()
        => Services.SelectMany(service => (service.Value.Status?.Parts ?? []).SelectMany(part => part.Waits.Select(wait => (wait.Who ?? service.Key, wait))))
            .Where(found => Now - found.wait.Since >= Stall);
}
