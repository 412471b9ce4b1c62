using Forge.Cli.History;
using Forge.DataPool.Checking;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Chaos;

/// <summary>
/// Follows a run's history: when the ring last turned, which is when a completion was recorded, a result was posted and a step was
/// acknowledged. Reads until it is cancelled.
/// </summary>
internal sealed class ProgressWatch(string history, string run)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private static readonly HistoryEvent[] Turning = [HistoryEvent.Record, HistoryEvent.Finish, HistoryEvent.Acknowledge];

    private readonly HistoryFile[] _files = [.. Enum.GetValues<ServiceName>().Select(service => new HistoryFile(Witnesses.File(history, service)))];
    private readonly RunProcesses _processes = new(run);
    private readonly Dictionary<HistoryEvent, DateTimeOffset> _newest = [];
    private readonly List<(DateTimeOffset After, TaskCompletionSource<DateTimeOffset> Turned)> _waiting = [];
    private readonly Lock _lock = new();

    /// <summary>The newest acknowledged step.</summary>
    public long Step { get; private set; }

    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Look();
            await Task.Delay(Glance, cancellationToken);
        }
    }

    /// <summary>Waits until the whole ring has turned after a moment, with all its processes running; returns when it had.</summary>
    public Task<DateTimeOffset> TurnsAfterAsync(DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var turned = new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((moment, turned));
        }

        return turned.Task.WaitAsync(cancellationToken);
    }

    private void Look()
    {
        lock (_lock)
        {
            foreach (var line in _files.SelectMany(file => file.ReadNew()).Where(line => line.IsAcknowledged))
            {
                _newest[line.Event] = line.Time;
                Step = line.Event == HistoryEvent.Acknowledge ? line.Version : Step;
            }

            if (!AllRun())
            {
                return;
            }

            var since = Turning.Min(kind => _newest.GetValueOrDefault(kind));
            foreach (var waiting in _waiting.Where(waiting => since > waiting.After).ToList())
            {
                waiting.Turned.TrySetResult(TimeProvider.System.GetUtcNow());
                _waiting.Remove(waiting);
            }
        }
    }

    private bool AllRun() => _processes.ReadStatus() is { } status && status.Processes.All(process => process.State == ProcessState.Running);
}
