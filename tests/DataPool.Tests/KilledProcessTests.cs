using System.Diagnostics;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;
using Forge.Hosting.Local;
using Forge.TestKit;

namespace Forge.DataPool.Tests;

[Collection(nameof(AloneInTheProcess))]
[Trait("Tier", "integration")]
public sealed class KilledProcessTests(PostgresServer server)
{
    [Theory]
    [InlineData(PoolStore.Sqlite)]
    [InlineData(PoolStore.Postgres)]
    public async Task Killed_process_loses_no_acknowledged_step_and_trains_no_group_twice(PoolStore kind)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("pool.db");
        var database = kind == PoolStore.Postgres ? server.ConnectionString : "";
        var printed = new List<(long Version, long[] Groups)>();
        for (var life = 0; life < 3; life++)
        {
            printed.AddRange(await LiveAsync(path, database, steps: 5 + (3 * life)));
            await KillServerAsync(kind);
        }

        await using var store = await DataPoolHost.OpenStoreAsync(
            path, CrashedChild.OptionsWith(database), TimeProvider.System, CancellationToken.None).DefaultTimeout();
        var trained = (await store.ReadConsumptionsAsync(CancellationToken.None)).Where(line => line.Kind == ConsumptionKind.Trained).ToList();
        var snapshot = await store.LoadAsync(CancellationToken.None);

        Assert.Equal(trained.Count, trained.DistinctBy(line => line.Group).Count());
        foreach (var (version, groups) in printed)
        {
            Assert.Equal(groups, trained.Where(line => line.Step == new PolicyVersion(version)).Select(line => line.Group.Value));
        }

        Assert.All(trained.GroupBy(line => line.Step), step => Assert.Equal(CrashedChild.Options.GroupsPerBatch, step.Count()));
        Assert.Equal(snapshot.Dispatched, trained.Count + snapshot.InFlight.Length);
        var record = await store.ReadScheduleAsync(CancellationToken.None);
        Assert.Equal(-1, ScheduleReplay.FirstDeviation(CrashedChild.Options.ResolvedWindow, record));
    }

    private async Task KillServerAsync(PoolStore kind)
    {
        if (kind == PoolStore.Postgres)
        {
            await server.Server.StopAsync(PostgresStop.Kill, TestContext.Current.CancellationToken).DefaultTimeout();
            await server.Server.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        }
    }

    /// <summary>Runs the child until it has printed some steps, then kills it without warning.</summary>
    private static async Task<List<(long Version, long[] Groups)>> LiveAsync(string path, string database, int steps)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            Environment = { [CrashedChild.Variable] = path, [CrashedChild.DatabaseVariable] = database },
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(KilledProcessTests).Assembly.Location);
        }

        string[] arguments = ["-explicit", "only", "-class", typeof(CrashedChild).FullName!, "-noColor"];
        Array.ForEach(arguments, start.ArgumentList.Add);

        using var child = Process.Start(start)!;
        var printed = new List<(long, long[])>();
        try
        {
            while (printed.Count < steps && await child.StandardOutput.ReadLineAsync().DefaultTimeout() is { } line)
            {
                var at = line.IndexOf(CrashedChild.Mark, StringComparison.Ordinal);
                if (at >= 0)
                {
                    var halves = line[(at + CrashedChild.Mark.Length)..].Split(':');
                    printed.Add((long.Parse(halves[0], null), [.. halves[1].Split(',').Select(group => long.Parse(group, null))]));
                }
            }
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }

        Assert.Equal(steps, printed.Count);
        return printed;
    }
}
