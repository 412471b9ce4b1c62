using Forge.Core.Scheduling;
using Forge.DataPool.Hot;
using Forge.DataPool.Postgres;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>The four numbers of the schedule and what to do with a head that never finishes (docs/windowed-fifo.md says why these defaults).</summary>
public sealed class DataPoolOptions
{
    /// <summary>M: groups dispatched and not yet trained, at least <see cref="GroupsPerBatch"/>. Buys utilisation.</summary>
    public int InFlight { get; init; } = 48;

    /// <summary>W as a fraction of M, greater than 0 and at most 1; ignored when <see cref="Window"/> is set.</summary>
    public double WindowRatio { get; init; } = 0.3;

    /// <summary>W in dispatch slots, at least 1; null takes it from <see cref="WindowRatio"/>.</summary>
    public int? Window { get; init; }

    /// <summary>B: groups per optimizer step, at least 1.</summary>
    public int GroupsPerBatch { get; init; } = 16;

    /// <summary>S: most policy versions between a group's dispatch and its training, at least 0. Bounds off-policyness.</summary>
    public int MaxStaleness { get; init; } = 2;

    /// <summary>After this long since its dispatch, a head that the trainer waits for is consumed as failed.</summary>
    public TimeSpan GroupDeadline { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a worker in another process keeps its tickets without renewing them; then others get them.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After this many failures of machinery or environment at one place of a group, lost leases included, the group is given up.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Completions and results that may wait for the store at once; more wait outside, which slows those down who send them.</summary>
    public int Intake { get; init; } = 4096;

    /// <summary>After nothing has moved for this long, the status says who waits for whom.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What keeps the run: a file in its folder, or a PostgreSQL database.</summary>
    public PoolStore Store { get; init; } = PoolStore.Sqlite;

    /// <summary>Whether the file flushes every write to the disk before it is acknowledged; otherwise only the consumption log, and with it all
    /// that came before: a power cut then costs the last episodes, which are sampled again. PostgreSQL always does.</summary>
    public bool FlushEveryWrite { get; init; }

    /// <summary>The database, when <see cref="Store"/> is postgres.</summary>
    public PostgresOptions Postgres { get; init; } = new();

    /// <summary>The Redis that the pool's window, its leases and its wake-ups are in; none unless one is named. It can be lost at any moment.</summary>
    public RedisOptions Redis { get; init; } = new();

    /// <summary>W, whichever way it was given.</summary>
    public int ResolvedWindow => Window ?? WindowLength.FromRatio(WindowRatio, InFlight);

    /// <summary>Everything that is wrong, with key, value and remedy; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(GroupsPerBatch >= 1, $"groups_per_batch is {GroupsPerBatch}; it must be at least 1.");
        Require(
            InFlight >= GroupsPerBatch,
            $"in_flight is {InFlight}, less than groups_per_batch ({GroupsPerBatch}): no batch could ever be filled. Raise in_flight.");
        Require(MaxStaleness >= 0, $"max_staleness is {MaxStaleness}; it must be 0 (on-policy) or more.");
        Require(Window is null or >= 1, $"window is {Window}; it must be at least 1 (strict order), or left out.");
        Require(
            Window is not null || (WindowRatio > 0 && WindowRatio <= 1),
            $"window_ratio is {WindowRatio}; it must be greater than 0 and at most 1.");
        Require(GroupDeadline > TimeSpan.Zero, $"group_deadline is {GroupDeadline}; it must be longer than zero.");
        Require(
            LeaseDuration >= TimeSpan.FromMilliseconds(100),
            $"lease_duration is {LeaseDuration}; it must be at least 0.1 s, several times the time that a renewal takes.");
        Require(MaxAttempts >= 1, $"max_attempts is {MaxAttempts}; it must be at least 1 (give up at the first failure).");
        Require(Intake >= 1, $"intake is {Intake}; it must be at least 1.");
        Require(StallAfter > TimeSpan.Zero, $"stall_after is {StallAfter}; it must be longer than zero.");
        Require(
            Store != PoolStore.Postgres || Postgres.Connection.Length > 0,
            "postgres.connection is empty, but store is postgres. Say where the database is, such as Host=localhost;Database=forge;Username=forge.");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }
}
