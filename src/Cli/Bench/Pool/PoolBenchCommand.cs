using System.CommandLine;
using Forge.Cli.Machine;
using Forge.DataPool.Stores;
using Forge.Hosting.Faults;
using Forge.Hosting.Local;
using Spectre.Console;

namespace Forge.Cli.Bench.Pool;

/// <summary>
/// <c>forge bench pool</c>: what the data pool takes in and hands out, over each store, in process and as a service; docs/benchmarks/pool.md keeps
/// results.
/// </summary>
internal sealed class PoolBenchCommand
{
    private const int MostWriters = 1024;

    private readonly Option<bool> _json = new("--json") { Description = "Prints one JSON object: bench, machine, rows." };
    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "How long completions are written for each row, after a third of that to warm up.",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<int[]> _writers = new("--writers")
    {
        Description = "Calls in flight at once, a row each.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1, 16, 64],
    };

    private readonly Option<string> _folder = new("--folder")
    {
        Description = "On the disk to measure; a new folder is made in it and removed.",
        DefaultValueFactory = _ => Path.GetTempPath(),
    };

    public static Command Create() => new PoolBenchCommand().ToCommand();

    private Command ToCommand()
    {
        var command = new Command(
            "pool",
            "Durable completions/s in and groups/s out of the data pool, by store: in process, as a service of its own over its Unix socket, and beside pgbench.")
        {
            _json, _seconds, _writers, _folder,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var writers = parsed.GetValue(_writers)!;
        foreach (var wrong in writers.Where(count => count is < 1 or > MostWriters))
        {
            throw new UsageException($"--writers is {wrong}; it must be from 1 to {MostWriters}.");
        }

        var folder = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(parsed.GetValue(_folder)!), $"forge-bench-pool-{Environment.ProcessId}")).FullName;
        var server = new LocalPostgres(Path.Combine(folder, "postgres"), TimeProvider.System);
        try
        {
            await server.StartAsync(cancellationToken);
            var rows = await MeasureAsync(
                (server.ConnectionString(), folder), writers, TimeSpan.FromSeconds(parsed.GetValue(_seconds)), cancellationToken);
            Show(parsed.GetValue(_json), [.. rows.Select(Rounded)]);
            return 0;
        }
        finally
        {
            await server.StopAsync(PostgresStop.Immediate, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<PoolBenchRow>> MeasureAsync(
        (string Server, string Folder) place, int[] writers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var rows = new List<PoolBenchRow>();
        foreach (var count in writers)
        {
            await AddAsync(() => PoolAsync("sqlite", PoolStore.Sqlite, isService: false, count));
            await AddAsync(() => PoolAsync("postgres", PoolStore.Postgres, isService: false, count));
            await AddAsync(() => PoolAsync("sqlite", PoolStore.Sqlite, isService: true, count));
            await AddAsync(() => PoolAsync("postgres + redis", PoolStore.Postgres, isService: true, count));
            await AddAsync(() => PgBench.RunAsync(place.Server, place.Folder, count, duration, cancellationToken));
        }

        return rows;

        async Task<PoolBenchRow> PoolAsync(string name, PoolStore store, bool isService, int count)
        {
            var folder = Path.Combine(place.Folder, $"{store}{(isService ? "_service" : "")}_{count}".ToLowerInvariant());
            var run = PoolBenchRun.Write(folder, store, place.Server, hasRedis: isService && store == PoolStore.Postgres);
            await using var pool = isService
                ? await BenchedPool.ServeAsync(folder, run, cancellationToken)
                : await BenchedPool.OpenAsync(folder, run, cancellationToken);
            return await new PoolBench(TimeProvider.System) { Duration = duration }.RunAsync(pool, name, count, cancellationToken);
        }

        async Task AddAsync(Func<Task<PoolBenchRow>> measure)
        {
            var row = await measure();
            rows.Add(row);
            await Console.Error.WriteLineAsync(FormattableString.Invariant(
                $"forge: {row.Store}{(row.Pool is null ? "" : $" ({row.Pool})")}, {row.Writers} writers: {row.CompletionsPerS:0} completions/s"));
        }
    }

    private static void Show(bool json, List<PoolBenchRow> rows)
    {
        var machine = MachineDescription.Here();
        if (json)
        {
            Console.WriteLine(BenchReport.ToJson("pool", machine, rows).ToJsonString());
        }
        else
        {
            BenchReport.Show(AnsiConsole.Console, "pool", machine, rows);
        }
    }

    private static PoolBenchRow Rounded(PoolBenchRow row) => row with
    {
        CompletionsPerS = Math.Round(row.CompletionsPerS),
        P50Ms = row.P50Ms is { } median ? Math.Round(median, 2) : null,
        P99Ms = row.P99Ms is { } tail ? Math.Round(tail, 2) : null,
        GroupsPerS = row.GroupsPerS is { } groups ? Math.Round(groups) : null,
    };
}
