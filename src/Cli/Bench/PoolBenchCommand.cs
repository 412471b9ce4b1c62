using System.CommandLine;
using Forge.Cli.Machine;
using Forge.DataPool;
using Forge.DataPool.Postgres;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;
using Spectre.Console;

namespace Forge.Cli.Bench;

/// <summary><c>forge bench pool</c>: what the data pool takes in and hands out, over each store; docs/benchmarks/pool.md keeps results.</summary>
internal sealed class PoolBenchCommand
{
    private static readonly int[] Writers = [1, 16, 64];

    private readonly Option<bool> _json = new("--json") { Description = "Prints one JSON object: bench, machine, rows." };
    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "How long completions are written for each row.",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<string> _folder = new("--folder")
    {
        Description = "On the disk to measure; a new folder is made in it and removed.",
        DefaultValueFactory = _ => Path.GetTempPath(),
    };

    public static Command Create() => new PoolBenchCommand().ToCommand();

    private Command ToCommand()
    {
        var command = new Command("pool", "Durable completions/s in and groups/s out of the data pool, by store.") { _json, _seconds, _folder };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parsed.GetValue(_folder)!, $"forge-bench-pool-{Environment.ProcessId}")).FullName;
        var server = new LocalPostgres(Path.Combine(folder, "postgres"), TimeProvider.System);
        try
        {
            await server.StartAsync(cancellationToken);
            var rows = await MeasureAsync(server, folder, TimeSpan.FromSeconds(parsed.GetValue(_seconds)), cancellationToken);
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
        LocalPostgres server, string folder, TimeSpan duration, CancellationToken cancellationToken)
    {
        var bench = new PoolBench(TimeProvider.System) { Duration = duration };
        var postgres = new DataPoolOptions { Store = PoolStore.Postgres, Postgres = new PostgresOptions { Connection = server.ConnectionString() } };
        var rows = new List<PoolBenchRow>();
        foreach (var writers in Writers)
        {
            await AddAsync(() => bench.RunAsync(Run($"sqlite{writers}"), PoolBench.Unbounded(new DataPoolOptions()), writers, cancellationToken));
            await AddAsync(() => bench.RunAsync(Run($"postgres{writers}"), PoolBench.Unbounded(postgres), writers, cancellationToken));
            await AddAsync(() => PgBench.RunAsync(server.ConnectionString(), folder, writers, duration, cancellationToken));
        }

        return rows;

        string Run(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

        async Task AddAsync(Func<Task<PoolBenchRow>> measure)
        {
            var row = await measure();
            rows.Add(row);
            await Console.Error.WriteLineAsync(FormattableString.Invariant(
                $"forge: {row.Store}, {row.Writers} writers: {row.CompletionsPerS:0} completions/s"));
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
