using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Forge.Core.Faults;
using Npgsql;

namespace Forge.DataPool.Postgres;

/// <summary>One run's place in a database: a schema of its own, so that runs share nothing and one is dropped by dropping its schema.</summary>
internal sealed partial class PostgresRun
{
    private const int MostName = 40;

    // All that is frequent looks rows up by their keys. Without statistics, which a run's first minutes never have, the planner takes growing tables
    // for small ones and scans them whole: a third of the server's time.
    private const string ByKey = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c plan_cache_mode=force_generic_plan";

    private readonly NpgsqlConnectionStringBuilder _settings;

    public PostgresRun(PostgresOptions options, string name)
    {
        _settings = Parse(options);
        Schema = SchemaOf(name);
        ReconnectFor = TimeSpan.FromSeconds(options.ReconnectSeconds);
    }

    /// <summary>The run of a folder, which names it unless the options do.</summary>
    public static PostgresRun Of(PostgresOptions options, string folder, TimeProvider time)
        => new(
            options.For(folder, time),
            options.Run.Length > 0 ? options.Run : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));

    /// <summary>Lower-case letters, digits and underscores only: it needs no quotes.</summary>
    public string Schema { get; }

    public TimeSpan ReconnectFor { get; }

    /// <summary>For messages: database and schema, no secrets.</summary>
    public string Place => $"run schema '{Schema}' of database '{_settings.Database}' at '{_settings.Host}'";

    /// <summary>A data source for connections that see this run's tables by their bare names.</summary>
    /// <param name="pooled">False for the writer: its session, and with it its lock, ends when it is closed.</param>
    public NpgsqlDataSource Connect(bool pooled)
        => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_settings.ConnectionString)
        {
            SearchPath = Schema,
            Options = ByKey,
            Pooling = pooled,
            MaxPoolSize = 8,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            ApplicationName = "forge data pool " + Schema,
            Timeout = 10,
            CommandTimeout = 60,
            KeepAlive = 10,
        });

    /// <summary>A name made of safe characters is kept as it is; any other is told apart by a digest.</summary>
    public static string SchemaOf(string name)
    {
        if (SafeName().IsMatch(name))
        {
            return "run_" + name;
        }

        var safe = Unsafe().Replace(name.ToLower(CultureInfo.InvariantCulture), "_");
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
        return $"run_{safe[..Math.Min(MostName - digest.Length, safe.Length)]}_{digest}";
    }

    private static NpgsqlConnectionStringBuilder Parse(PostgresOptions options)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(options.Connection);
            settings.Password = options.Password ?? settings.Password;
            return settings;
        }
        catch (ArgumentException fault)
        {
            throw new ForgeException($"data_pool.postgres.connection is not a connection string: {fault.Message}", fault);
        }
    }

    [GeneratedRegex("^[a-z0-9_]{1,40}$")]
    private static partial Regex SafeName();

    [GeneratedRegex("[^a-z0-9_]")]
    private static partial Regex Unsafe();
}
