using System.Collections.Immutable;
using Forge.Cli.History;
using Forge.Cli.Runs;
using Forge.DataPool;
using Forge.DataPool.Checking;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Cli.Chaos;

/// <summary>Holds the ledger of a run that has ended to its history.</summary>
internal static class LedgerCheck
{
    public static async Task<(HistoryReport Report, ChaosCounts Counts)> RunAsync(
        RunFile run, string folder, string history, CancellationToken cancellationToken)
    {
        ImmutableArray<HistoryLine> lines =
            [.. Enum.GetValues<ServiceName>().SelectMany(service => new HistoryFile(Witnesses.File(history, service)).ReadNew())];
        var options = run.Section<DataPoolOptions>();
        var postgres = DistributedRun.Postgres(folder);
        await postgres.StartAsync(cancellationToken);
        try
        {
            await using var store = await DataPoolHost.OpenStoreAsync(Path.Combine(folder, "pool.db"), options, TimeProvider.System, cancellationToken);
            var report = await new HistoryChecker(options.ResolvedWindow).CheckAsync(lines, store, cancellationToken);
            var (groups, letters) = ((await store.LoadAsync(cancellationToken)).Dispatched, await store.ReadDeadLettersAsync(cancellationToken));
            return (report, Count(lines, groups, letters.Length));
        }
        finally
        {
            await postgres.StopAsync(Hosting.Local.PostgresStop.Fast, CancellationToken.None);
        }
    }

    private static ChaosCounts Count(ImmutableArray<HistoryLine> lines, long groups, int deadLetters)
    {
        var acknowledged = lines.Where(line => line.IsAcknowledged).Select(line => (line.Event, line.Id)).ToHashSet();
        return new ChaosCounts(
            acknowledged.Count(line => line.Event == HistoryEvent.Record),
            acknowledged.Count(line => line.Event == HistoryEvent.Finish),
            lines.Where(line => line.Event is HistoryEvent.Record or HistoryEvent.Finish && !acknowledged.Contains((line.Event, line.Id)))
                .Select(line => (line.Event, line.Id)).Distinct().Count(),
            groups,
            deadLetters,
            lines.Count(line => line.Event == HistoryEvent.Recover));
    }
}
