using Dapper;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Postgres;
using Forge.DataPool.Postgres.Migrations;
using Forge.DataPool.Stores;
using Forge.TestKit;
using Npgsql;

namespace Forge.DataPool.Tests;

[Trait("Tier", "integration")]
public sealed class PostgresEpisodeStoreTests(PostgresServer server) : EpisodeStoreConformance
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    private PostgresOptions Options => new() { Connection = server.ConnectionString };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Second_opener_is_told_that_the_run_is_in_use()
    {
        var error = await Assert.ThrowsAsync<ForgeException>(() => OpenAsync());

        Assert.Contains("Another process works on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_of_one_database_do_not_see_each_other()
    {
        await using var other = await PostgresEpisodeStore.OpenAsync(Options, _run + "b", TimeProvider.System, Cancel).DefaultTimeout();
        var id = new GroupId(0);
        await other.AddGroupAsync(new StoredGroup(
            id, SampleData.Task(0), new PolicyVersion(1), IsFinished: false, [StoredEpisode.Create(id, 0, 0)], LastEvent: default)).DefaultTimeout();

        Assert.Empty((await Store.LoadAsync(Cancel).DefaultTimeout()).InFlight);
        Assert.Single((await other.LoadAsync(Cancel).DefaultTimeout()).InFlight);
    }

    [Fact]
    public async Task Schema_of_another_program_is_left_alone()
    {
        await ExecuteAsync($"CREATE SCHEMA run_{_run}c; CREATE TABLE run_{_run}c.notes (text text)");

        var error = await Assert.ThrowsAsync<ForgeException>(
            () => PostgresEpisodeStore.OpenAsync(Options, _run + "c", TimeProvider.System, Cancel).DefaultTimeout());

        Assert.Contains("is not Forge's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_schema_is_copied_and_brought_up_to_date_and_older_programs_are_refused_from_then_on()
    {
        await FillAsync();
        var newer = PostgresMigrations.All.Append(new PostgresMigration("ALTER TABLE groups ADD COLUMN note text NOT NULL DEFAULT 'new'")).ToList();
        await Store.DisposeAsync();

        await (await PostgresEpisodeStore.OpenAsync(new PostgresRun(Options, _run), newer, TimeProvider.System, Cancel).DefaultTimeout()).DisposeAsync();
        var error = await Assert.ThrowsAsync<ForgeException>(() => OpenAsync().DefaultTimeout());

        Assert.Equal("new", await ReadAsync<string>($"SELECT note FROM run_{_run}.groups"));
        Assert.Equal(1, await ReadAsync<long>($"SELECT COUNT(*) FROM run_{_run}_schema1.groups"));
        Assert.Equal(1, await ReadAsync<int>($"SELECT MAX(version) FROM run_{_run}_schema1.schema_version"));
        Assert.Contains("has schema version 2; this Forge knows up to 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migration_that_fails_leaves_everything_as_it_was()
    {
        await FillAsync();
        List<PostgresMigration> broken =
            [.. PostgresMigrations.All, new("ALTER TABLE groups ADD COLUMN note text"), new("ALTER TABLE groups ADD COLUMN note text")];
        await Store.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(
            () => PostgresEpisodeStore.OpenAsync(new PostgresRun(Options, _run), broken, TimeProvider.System, Cancel).DefaultTimeout());
        await using var again = await OpenAsync().DefaultTimeout();

        Assert.Single((await again.LoadAsync(Cancel).DefaultTimeout()).InFlight);
        Assert.Equal(0, await ReadAsync<long>($"SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'run_{_run}_schema1'"));
    }

    [Fact]
    public async Task Consumption_log_has_no_holes_after_refusals()
    {
        for (var index = 0; index < 3; index++)
        {
            await FillAsync(index);
            await Store.ConsumeAsync([Skipped(index)]).DefaultTimeout();
            await Assert.ThrowsAsync<ForgeException>(() => Store.ConsumeAsync([Skipped(index)]).DefaultTimeout());
        }

        Assert.Equal("1 2 3", await ReadAsync<string>($"SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM run_{_run}.consumption"));
    }

    [Fact]
    public async Task Server_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<InfrastructureFaultException>(() => PostgresEpisodeStore.OpenAsync(
            new PostgresOptions { Connection = "Host=/nowhere;Database=forge;Username=forge" }, _run, TimeProvider.System, Cancel).DefaultTimeout());

        Assert.Contains("/nowhere", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public void Any_name_of_a_run_gives_a_schema_of_its_own_that_needs_no_quotes()
    {
        string[] names = ["quickstart", "2026-11-22", "2026_11_22", "Quickstart", "\"; DROP SCHEMA x; --", new string('x', 300), "größe", ""];

        var schemas = names.Select(PostgresRun.SchemaOf).ToList();

        Assert.Equal("run_quickstart", schemas[0]);
        Assert.Distinct(schemas);
        Assert.All(schemas, schema => Assert.Matches("^run_[a-z0-9_]{1,50}$", schema));
    }

    protected override async Task<IEpisodeStore> OpenAsync() => await PostgresEpisodeStore.OpenAsync(Options, _run, TimeProvider.System, Cancel);

    private static Consumption Skipped(long group) => new(new GroupId(group), ConsumptionKind.Skipped, new PolicyVersion(1), Position: 0, "");

    private async Task FillAsync(long index = 0)
    {
        var id = new GroupId(index);
        await Store.AddGroupAsync(new StoredGroup(
            id, SampleData.Task(index), new PolicyVersion(1), IsFinished: false, [StoredEpisode.Create(id, 0, 0)], LastEvent: default)).DefaultTimeout();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.ExecuteAsync(sql).DefaultTimeout();
    }

    private async Task<T?> ReadAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        return await connection.ExecuteScalarAsync<T>(sql).DefaultTimeout();
    }
}
