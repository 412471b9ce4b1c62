using System.Collections.Immutable;
using System.Globalization;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Checking;

/// <summary>
/// Compares what clients were told with what the store has: nothing acknowledged is lost, no group is trained twice or skipped, the window's
/// order was kept, and the consumption log has no holes. It knows nothing of how the pool works, only what it promises.
/// </summary>
/// <param name="window">W of the run.</param>
public sealed class HistoryChecker(int window)
{
    private const int MostFindings = 100;

    private readonly List<string> _findings = [];

    /// <param name="history">The lines of all processes; those of the trainer in their order.</param>
    /// <param name="store">The pool's store, which nobody writes to any more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<HistoryReport> CheckAsync(
        IReadOnlyCollection<HistoryLine> history, IEpisodeStore store, CancellationToken cancellationToken)
    {
        _findings.Clear();
        var snapshot = await store.LoadAsync(cancellationToken);
        var consumptions = await store.ReadConsumptionsAsync(cancellationToken);
        var schedule = await store.ReadScheduleAsync(cancellationToken);
        return new HistoryReport(
            history.Count(line => line.Event == HistoryEvent.Fault),
            await AckedLostAsync(history, store, cancellationToken),
            TrainedTwice(history, consumptions),
            Skipped(history, snapshot, consumptions),
            StaleKept(history),
            OrderViolations(schedule),
            LogHoles(consumptions),
            consumptions.Where(IsTrained).Select(consumption => consumption.Step.Value).DefaultIfEmpty(0).Max(),
            [.. _findings.Take(MostFindings)]);
    }

    private static bool IsTrained(Consumption consumption) => consumption.Kind == ConsumptionKind.Trained;

    private async Task<int> AckedLostAsync(IReadOnlyCollection<HistoryLine> history, IEpisodeStore store, CancellationToken cancellationToken)
    {
        var completions = Acknowledged(history, HistoryEvent.Record).Select(id => new CompletionId(id)).ToList();
        var episodes = Acknowledged(history, HistoryEvent.Finish).Select(id => new EpisodeId(id)).ToList();
        var lost = await store.FindMissingAsync(completions, cancellationToken);
        var open = await store.FindUnfinishedAsync(episodes, cancellationToken);
        return Found(lost, completion => $"completion {completion} was acknowledged and is not in the store")
            + Found(open, episode => $"the result of episode {episode} was acknowledged and is not in the store");
    }

    private static IEnumerable<string> Acknowledged(IReadOnlyCollection<HistoryLine> history, HistoryEvent kind)
        => history.Where(line => line.Event == kind && line.IsAcknowledged).Select(line => line.Id).Distinct();

    private int TrainedTwice(IReadOnlyCollection<HistoryLine> history, ImmutableArray<Consumption> consumptions)
    {
        var made = Surviving(history);
        var foreign = consumptions.Where(IsTrained).Where(consumption =>
            !made.TryGetValue(consumption.Step.Value, out var groups) || !groups.Contains(consumption.Group.Value));
        return Found(
                consumptions.GroupBy(consumption => consumption.Group).Where(lines => lines.Count() > 1).Select(lines => lines.Key),
                group => $"group {group} is in the consumption log more than once")
            + Found(
                made.SelectMany(step => step.Value).GroupBy(group => group).Where(steps => steps.Count() > 1).Select(steps => steps.Key),
                group => $"group {group} was trained in more than one step that still counts")
            + Found(foreign, line => $"the log says that step {line.Step} trained group {line.Group}; the trainer's checkpoint does not");
    }

    private int Skipped(IReadOnlyCollection<HistoryLine> history, PoolSnapshot snapshot, ImmutableArray<Consumption> consumptions)
    {
        var known = consumptions.Select(consumption => consumption.Group.Value)
            .Concat(snapshot.InFlight.Select(group => group.Id.Value)).ToHashSet();
        var logged = consumptions.Where(IsTrained).Select(consumption => (consumption.Step.Value, consumption.Group.Value)).ToHashSet();
        var last = logged.Select(line => line.Item1).DefaultIfEmpty(0).Max();
        var missing = Surviving(history).Where(step => step.Key <= last)
            .SelectMany(step => step.Value.Select(group => (step.Key, group))).Where(line => !logged.Contains(line));
        return Found(
                Range(snapshot.Dispatched).Where(group => !known.Contains(group)),
                group => $"group {group} was dispatched, and is neither in flight nor in the consumption log")
            + Found(missing, line => $"step {line.Key} trained group {line.group}, and the log does not have it");
    }

    // The steps that count: a trainer that goes on from a checkpoint voids what came after it.
    private static Dictionary<long, ImmutableArray<long>> Surviving(IReadOnlyCollection<HistoryLine> history)
    {
        var steps = new Dictionary<long, ImmutableArray<long>>();
        foreach (var line in history.Where(line => line.IsAcknowledged))
        {
            if (line.Event == HistoryEvent.Train)
            {
                steps[line.Version] = line.Groups;
            }
            else if (line.Event == HistoryEvent.Recover)
            {
                steps.Keys.Where(version => version > line.Version).ToList().ForEach(version => steps.Remove(version));
            }
        }

        return steps;
    }

    // Once a newer attempt's ticket has reached somebody, the earlier attempt's records must be refused.
    private int StaleKept(IReadOnlyCollection<HistoryLine> history)
    {
        var newest = new Dictionary<string, int>();
        var kept = new HashSet<string>();
        var stale = new List<string>();
        foreach (var line in history)
        {
            if (line.Event == HistoryEvent.Dispatch)
            {
                var (place, attempt) = Attempt(line.Id);
                newest[place] = Math.Max(attempt, newest.GetValueOrDefault(place));
            }
            else if (line is { Event: HistoryEvent.Finish, IsAcknowledged: true } && kept.Add(line.Id))
            {
                var (place, attempt) = Attempt(line.Id);
                if (attempt < newest.GetValueOrDefault(place))
                {
                    stale.Add(line.Id);
                }
            }
        }

        return Found(stale, episode => $"the result of episode {episode} was kept after a newer attempt had its place");
    }

    private static (string Place, int Attempt) Attempt(string episode)
        => episode.LastIndexOf("-a", StringComparison.Ordinal) is var cut && cut > 0
            ? (episode[..cut], int.Parse(episode[(cut + 2)..], CultureInfo.InvariantCulture))
            : (episode, 0);

    private int OrderViolations(ImmutableArray<ScheduleEvent> schedule)
    {
        var position = ScheduleReplay.FirstDeviation(window, schedule);
        return position < 0
            ? 0
            : Found([schedule[position]], line => $"{line.Kind} of group {line.Index} (head {line.Head}) breaks the rule of window {window}");
    }

    private int LogHoles(ImmutableArray<Consumption> consumptions)
    {
        var steps = consumptions.Where(IsTrained).GroupBy(consumption => consumption.Step.Value)
            .ToDictionary(step => step.Key, step => step.Select(consumption => (long)consumption.Position).Order().ToList());
        var last = steps.Keys.DefaultIfEmpty(0).Max();
        return Found(Range(last).Select(step => step + 1).Where(step => !steps.ContainsKey(step)), step => $"the log lacks step {step}")
            + Found(
                steps.Where(step => !step.Value.SequenceEqual(Range(step.Value.Count))).Select(step => step.Key),
                step => $"step {step} lacks a place: it has {string.Join(' ', steps[step])}");
    }

    private static IEnumerable<long> Range(long count)
    {
        for (var number = 0L; number < count; number++)
        {
            yield return number;
        }
    }

    private int Found<T>(IEnumerable<T> violations, Func<T, string> describe)
    {
        var before = _findings.Count;
        _findings.AddRange(violations.Select(describe));
        return _findings.Count - before;
    }
}
