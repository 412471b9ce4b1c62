using Dapper;
using Forge.Core.Ring;
using Forge.DataPool.Rows;
using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>The steps from one schema of pool.db to the next: entry n brings schema n to n + 1. Entries are never changed once released.</summary>
internal static class SqliteMigrations
{
    public static readonly IReadOnlyList<SqliteMigration> All = [new(Create), new(Lease), new(Pack, PackRewards)];

    private const string Create =
        """
        CREATE TABLE tasks (
            id TEXT PRIMARY KEY, environment TEXT NOT NULL, split INTEGER NOT NULL, difficulty INTEGER NOT NULL, seed INTEGER NOT NULL
        ) WITHOUT ROWID;
        -- status: 1 running, 2 finished, 3 consumed
        CREATE TABLE groups (
            id INTEGER PRIMARY KEY, task_id TEXT NOT NULL REFERENCES tasks (id), dispatched_at INTEGER NOT NULL,
            status INTEGER NOT NULL, created_ms INTEGER NOT NULL
        );
        CREATE INDEX groups_in_flight ON groups (id) WHERE status < 3;
        -- status as EpisodeStatus, 0 while running; superseded: a later attempt took the place
        CREATE TABLE episodes (
            id TEXT PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES groups (id), index_in_group INTEGER NOT NULL,
            attempt INTEGER NOT NULL, superseded INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0,
            end_cause TEXT NOT NULL DEFAULT '', success INTEGER NOT NULL DEFAULT 0, tool_calls INTEGER NOT NULL DEFAULT 0,
            tool_errors INTEGER NOT NULL DEFAULT 0, elapsed_ticks INTEGER NOT NULL DEFAULT 0, detail TEXT NOT NULL DEFAULT '',
            UNIQUE (group_id, index_in_group, attempt)
        ) WITHOUT ROWID;
        -- ids as int32, log-probs as float32, versions as (version, count) int64 pairs, all little-endian
        CREATE TABLE completions (
            id TEXT NOT NULL UNIQUE, episode_id TEXT NOT NULL REFERENCES episodes (id), turn INTEGER NOT NULL,
            prompt_ids BLOB NOT NULL, response_ids BLOB NOT NULL, policy_log_probs BLOB NOT NULL, behavior_log_probs BLOB NOT NULL,
            token_versions BLOB NOT NULL, oldest_kv_version INTEGER NOT NULL, sampling TEXT NOT NULL, finish_reason INTEGER NOT NULL,
            routed_experts BLOB, queued_ticks INTEGER NOT NULL, first_token_ticks INTEGER NOT NULL, total_ticks INTEGER NOT NULL,
            cached_prompt_tokens INTEGER NOT NULL, UNIQUE (episode_id, turn)
        );
        CREATE TABLE rewards (
            episode_id TEXT NOT NULL REFERENCES episodes (id), turn INTEGER NOT NULL,
            process REAL NOT NULL, speed REAL NOT NULL, outcome REAL NOT NULL, PRIMARY KEY (episode_id, turn)
        ) WITHOUT ROWID;
        -- kind as ConsumptionKind; a row is undone when the checkpoint of its step was lost
        CREATE TABLE consumption (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL REFERENCES groups (id), kind INTEGER NOT NULL,
            step INTEGER NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0,
            created_ms INTEGER NOT NULL
        );
        -- No group enters two acknowledged steps: the database refuses it, whatever the program does.
        CREATE UNIQUE INDEX consumed_once ON consumption (group_id) WHERE undone = 0;
        CREATE INDEX consumption_step ON consumption (step) WHERE undone = 0;
        -- One row per opening of the file: the lease under which groups are dispatched and taken.
        CREATE TABLE openings (id INTEGER PRIMARY KEY AUTOINCREMENT, process INTEGER NOT NULL, created_ms INTEGER NOT NULL);
        -- kind as ScheduleEventKind
        CREATE TABLE schedule (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, opening INTEGER NOT NULL REFERENCES openings (id), kind INTEGER NOT NULL,
            group_id INTEGER NOT NULL, head INTEGER NOT NULL, created_ms INTEGER NOT NULL
        );
        CREATE INDEX schedule_group ON schedule (group_id, seq);
        """;

    private const string Lease =
        """
        -- failures: earlier attempts at the place that broke or lost their lease; worker and lease: who plays it, 0 for nobody
        ALTER TABLE episodes ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE episodes ADD COLUMN worker TEXT NOT NULL DEFAULT '';
        ALTER TABLE episodes ADD COLUMN lease INTEGER NOT NULL DEFAULT 0;
        -- Before there were leases, every unfinished episode belonged to the process that had the file open.
        UPDATE episodes SET worker = 'local', lease = 1;
        CREATE INDEX episodes_lease ON episodes (lease) WHERE lease > 0;
        -- kind as FailureKind
        CREATE TABLE dead_letters (
            group_id INTEGER PRIMARY KEY REFERENCES groups (id), episode_id TEXT NOT NULL REFERENCES episodes (id),
            attempts INTEGER NOT NULL, kind INTEGER NOT NULL, reason TEXT NOT NULL, step INTEGER NOT NULL, created_ms INTEGER NOT NULL
        );
        """;

    // Rows of completions stay as they are: format 0 says how they are encoded.
    private const string Pack =
        """
        -- as CompletionFormat: ids as int32 or uint16, behaviour log-probs left out when they are the policy's, sampling as JSON or bytes
        ALTER TABLE completions ADD COLUMN format INTEGER NOT NULL DEFAULT 0;
        -- (process, speed, outcome) as float64, one triple per completion
        ALTER TABLE episodes ADD COLUMN rewards BLOB;
        -- What each step trained: a row is undone when the checkpoint of its step was lost.
        CREATE TABLE batches (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, step INTEGER NOT NULL, hash TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0,
            created_ms INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX trained_once ON batches (step) WHERE undone = 0;
        -- versions: of the policies that sampled its tokens; hash: of its content
        CREATE TABLE batch_groups (
            batch INTEGER NOT NULL REFERENCES batches (seq), position INTEGER NOT NULL, group_id INTEGER NOT NULL REFERENCES groups (id),
            oldest_version INTEGER NOT NULL, newest_version INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (batch, position)
        ) WITHOUT ROWID;
        """;

    private static void PackRewards(SqliteConnection connection, SqliteTransaction transaction)
    {
        var rows = connection.Query<(string Episode, double Process, double Speed, double Outcome)>(
            "SELECT episode_id, process, speed, outcome FROM rewards ORDER BY episode_id, turn", transaction: transaction);
        foreach (var episode in rows.GroupBy(row => row.Episode))
        {
            var rewards = PackedArray.FromRewards([.. episode.Select(row => new StepReward(row.Process, row.Speed, row.Outcome))]);
            connection.Execute("UPDATE episodes SET rewards = @rewards WHERE id = @id", new { rewards, id = episode.Key }, transaction);
        }

        connection.Execute("DROP TABLE rewards", transaction: transaction);
    }
}
