using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Postgres;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Tests;

/// <summary>
/// Plays a process that is killed: this test program is started again to run just this, explicitly, on the pool at
/// <c>FORGE_TEST_POOL</c>. It samples and trains, printing each acknowledged step after the fact, until it is killed.
/// </summary>
public sealed class CrashedChild
{
    public const string Variable = "FORGE_TEST_POOL";

    /// <summary>Where the database is, when the pool is kept in one.</summary>
    public const string DatabaseVariable = "FORGE_TEST_DATABASE";

    public const string Mark = "acknowledged ";

    internal static DataPoolOptions Options => OptionsWith(database: null);

    internal static DataPoolOptions OptionsWith(string? database) => new()
    {
        InFlight = 16,
        Window = 5,
        GroupsPerBatch = 4,
        MaxStaleness = 8,
        Store = string.IsNullOrEmpty(database) ? PoolStore.Sqlite : PoolStore.Postgres,
        Postgres = new PostgresOptions { Connection = database ?? "", Run = "crashed" },
    };

    [Fact(Explicit = true)]
    [Trait("Tier", "integration")]
    public async Task Works_until_it_is_killed()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            await WorkAsync(path);
        }
    }

    private static async Task WorkAsync(string path)
    {
        await using var pool = await DataPoolHost.OpenAsync(path, OptionsWith(Environment.GetEnvironmentVariable(DatabaseVariable)), TimeProvider.System, CancellationToken.None);
        var sampling = Task.WhenAll(Enumerable.Range(0, 4).Select(worker => SampleAsync(pool, worker)));
        var version = new PolicyVersion(pool.Staleness.Version);
        while (!sampling.IsFaulted)
        {
            var batch = new List<GroupId>();
            while (batch.Count < Options.GroupsPerBatch)
            {
                batch.Add((await pool.TakeAsync(CancellationToken.None)).Id);
            }

            version = version.Next;
            await pool.AcknowledgeAsync(batch, version, CancellationToken.None);
            Console.WriteLine($"{Mark}{version}:{string.Join(',', batch)}");
        }
    }

    private static async Task SampleAsync(DataPool pool, int worker)
    {
        var random = new Random(worker);
        while (true)
        {
            var ticket = await pool.DispatchAsync(id => SampleData.Task(id.Value), episodes: 2, CancellationToken.None);
            foreach (var episode in ticket.Episodes.OrderBy(_ => random.Next()))
            {
                await pool.RecordAsync(SampleData.Completion(episode, turn: 0, tokens: 50), CancellationToken.None);
                await pool.FinishAsync(SampleData.Result(episode, turns: 1), CancellationToken.None);
            }
        }
    }
}
