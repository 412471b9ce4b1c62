namespace Forge.DataPool.Postgres.Migrations;

/// <summary>The tables of a run. Entries are never changed once released.</summary>
internal static class PostgresMigrations
{
    public static readonly IReadOnlyList<PostgresMigration> All = [new(Create)];

    private const string Create =
        """
        CREATE TABLE tasks (id text PRIMARY KEY, environment text NOT NULL, split integer NOT NULL, difficulty integer NOT NULL, seed bigint NOT NULL);

        -- status: 1 running, 2 finished, 3 consumed
        CREATE TABLE groups (
            id bigint PRIMARY KEY, task_id text NOT NULL REFERENCES tasks (id), dispatched_at bigint NOT NULL,
            status integer NOT NULL, created_ms bigint NOT NULL
        );
        CREATE INDEX groups_in_flight ON groups (id) WHERE status < 3;

        -- status as EpisodeStatus, 0 while running; superseded: a later attempt took the place; attempt: the fencing number;
        -- failures: earlier attempts at the place that broke or lost their lease; worker and lease: who plays it, 0 for nobody;
        -- rewards: (process, speed, outcome) as float64, one triple per completion
        CREATE TABLE episodes (
            id text PRIMARY KEY, group_id bigint NOT NULL REFERENCES groups (id), index_in_group integer NOT NULL,
            attempt integer NOT NULL, superseded boolean NOT NULL DEFAULT false, status integer NOT NULL DEFAULT 0,
            end_cause text NOT NULL DEFAULT '', success boolean NOT NULL DEFAULT false, tool_calls integer NOT NULL DEFAULT 0,
            tool_errors integer NOT NULL DEFAULT 0, elapsed_ticks bigint NOT NULL DEFAULT 0, detail text NOT NULL DEFAULT '',
            failures integer NOT NULL DEFAULT 0, worker text NOT NULL DEFAULT '', lease bigint NOT NULL DEFAULT 0, rewards bytea,
            UNIQUE (group_id, index_in_group, attempt)
        );
        CREATE INDEX episodes_lease ON episodes (lease) WHERE lease > 0;

        -- format as CompletionFormat; log-probs as float32, versions as (version, count) int64 pairs, all little-endian
        CREATE TABLE completions (
            id text PRIMARY KEY, episode_id text NOT NULL REFERENCES episodes (id), turn integer NOT NULL, format integer NOT NULL,
            prompt_ids bytea NOT NULL, response_ids bytea NOT NULL, policy_log_probs bytea NOT NULL, behavior_log_probs bytea NOT NULL,
            token_versions bytea NOT NULL, oldest_kv_version bigint NOT NULL, sampling bytea NOT NULL, finish_reason integer NOT NULL,
            routed_experts bytea, queued_ticks bigint NOT NULL, first_token_ticks bigint NOT NULL, total_ticks bigint NOT NULL,
            cached_prompt_tokens integer NOT NULL, UNIQUE (episode_id, turn)
        ) WITH (toast_tuple_target = 8160);
        ALTER TABLE completions ALTER prompt_ids SET STORAGE EXTERNAL, ALTER response_ids SET STORAGE EXTERNAL,
            ALTER policy_log_probs SET STORAGE EXTERNAL, ALTER behavior_log_probs SET STORAGE EXTERNAL,
            ALTER routed_experts SET STORAGE EXTERNAL;

        -- kind as ConsumptionKind; a row is undone when the checkpoint of its step was lost. seq has no holes: the one writer counts it.
        CREATE TABLE consumption (
            seq bigint PRIMARY KEY, group_id bigint NOT NULL REFERENCES groups (id), kind integer NOT NULL, step bigint NOT NULL,
            position integer NOT NULL, reason text NOT NULL, undone boolean NOT NULL DEFAULT false, created_ms bigint NOT NULL
        );
        -- No group enters two acknowledged steps: the database refuses it, whatever the program does.
        CREATE UNIQUE INDEX consumed_once ON consumption (group_id) WHERE NOT undone;
        CREATE INDEX consumption_step ON consumption (step) WHERE NOT undone;

        -- What each step trained: undone with the step's lines of the consumption log.
        CREATE TABLE batches (
            seq bigint PRIMARY KEY, step bigint NOT NULL, hash text NOT NULL, undone boolean NOT NULL DEFAULT false, created_ms bigint NOT NULL
        );
        CREATE UNIQUE INDEX trained_once ON batches (step) WHERE NOT undone;
        -- versions: of the policies that sampled its tokens; hash: of its content
        CREATE TABLE batch_groups (
            batch bigint NOT NULL REFERENCES batches (seq), position integer NOT NULL, group_id bigint NOT NULL REFERENCES groups (id),
            oldest_version bigint NOT NULL, newest_version bigint NOT NULL, hash text NOT NULL, PRIMARY KEY (batch, position)
        );

        -- kind as FailureKind
        CREATE TABLE dead_letters (
            group_id bigint PRIMARY KEY REFERENCES groups (id), episode_id text NOT NULL REFERENCES episodes (id), attempts integer NOT NULL,
            kind integer NOT NULL, reason text NOT NULL, step bigint NOT NULL, created_ms bigint NOT NULL
        );

        -- One row per process that worked on the run; commits counts its transactions, so that one whose answer was lost is found or not.
        CREATE TABLE openings (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, process integer NOT NULL, commits bigint NOT NULL DEFAULT 0, created_ms bigint NOT NULL
        ) WITH (fillfactor = 50);

        -- kind as ScheduleEventKind
        CREATE TABLE schedule (
            seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, opening bigint NOT NULL REFERENCES openings (id), kind integer NOT NULL,
            group_id bigint NOT NULL, head bigint NOT NULL, created_ms bigint NOT NULL
        );
        CREATE INDEX schedule_group ON schedule (group_id, seq);
        """;
}
