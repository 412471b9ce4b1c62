using System.Security.Cryptography;
using System.Text;
using Forge.Core.Faults;

namespace Forge.Hosting.Local;

/// <summary>
/// A PostgreSQL server whose data lives in one folder, for runs and tests that need one of their own. Everything is found from the
/// folder alone, so that any process can stop or start again what another one started; it outlives the process that starts it.
/// </summary>
/// <remarks>
/// It listens on a Unix socket that only its account and root can reach, so there is no password and no port. Every commit is
/// flushed to the disk (fsync and synchronous_commit are on).
/// </remarks>
public sealed class LocalPostgres : ILocalServer
{
    public const string Package = "postgresql";

    private const string ProcessName = "postgres";
    private const string User = "forge";
    private const int MostSocketPath = 107 - 20;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly string _data;
    private readonly string _sockets;

    /// <param name="folder">Everything of the server is below it; made when absent.</param>
    /// <param name="time">Paces waiting.</param>
    public LocalPostgres(string folder, TimeProvider time)
    {
        _time = time;
        Folder = Path.GetFullPath(folder);
        _data = Path.Combine(Folder, "data");
        _sockets = Folder.Length <= MostSocketPath ? Folder : Path.Combine(Path.GetTempPath(), "forge-" + Digest(Folder));
    }

    /// <summary>Whether the server's programs are on this machine.</summary>
    public static bool IsInstalled => ServerPrograms.FindPostgres() is not null;

    public string Name => "postgres";

    public string Folder { get; }

    public string LogPath => Path.Combine(Folder, "postgres.log");

    /// <summary>The server's first process, when it runs.</summary>
    public int? ProcessId => ServerProcess.Find(LockPath, ProcessName);

    private string LockPath => Path.Combine(_data, "postmaster.pid");

    /// <summary>Reaches a database of the server, <c>forge</c> unless told.</summary>
    public string ConnectionString(string database = "forge") => $"Host={_sockets};Username={User};Database={database}";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not null)
        {
            return;
        }

        var account = ServerAccount.Of("postgres", refusesRoot: true);
        await account.OwnFolderAsync(Folder, cancellationToken);
        await account.OwnFolderAsync(_sockets, cancellationToken);
        await InitializeAsync(account, cancellationToken);
        await ClearAwayAsync(cancellationToken);
        var settings = $"-c listen_addresses='' -c unix_socket_directories='{_sockets}' -c unix_socket_permissions=0700";
        await RunAsync(account, [ProgramPath("pg_ctl"), "start", "-w", "-s", "-D", _data, "-l", LogPath, "-o", settings], cancellationToken);
        await CreateDatabaseAsync("forge", cancellationToken);
    }

    /// <summary>Adds an empty database, unless it is there.</summary>
    public async Task CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        var account = ServerAccount.Of("postgres", refusesRoot: true);
        var result = await account.RunAsync(Folder, [ProgramPath("createdb"), "-h", _sockets, "-U", User, name], cancellationToken);
        if (result.ExitCode != 0 && !result.Output.Contains("already exists", StringComparison.Ordinal))
        {
            throw new ForgeException($"PostgreSQL in '{Folder}' could not make the database '{name}': {result.Output}");
        }
    }

    /// <summary>Stops the server; returns when it is gone. Does nothing when it does not run.</summary>
    public async Task StopAsync(PostgresStop how, CancellationToken cancellationToken)
    {
        if (ProcessId is not { } process)
        {
            return;
        }

        if (how == PostgresStop.Kill)
        {
            await ServerProcess.KillAsync(process, ProcessName, _time, cancellationToken);
        }
        else
        {
            await AskToStopAsync(how, cancellationToken);
        }

        if (_sockets != Folder)
        {
            Directory.Delete(_sockets, recursive: true);
        }
    }

    public Task StopAsync(bool isUrgent, CancellationToken cancellationToken)
        => StopAsync(isUrgent ? PostgresStop.Immediate : PostgresStop.Fast, cancellationToken);

    /// <summary>Where one of PostgreSQL's programs is.</summary>
    /// <exception cref="ForgeException">PostgreSQL is not installed.</exception>
    public static string ProgramPath(string name)
        => Path.Combine(ServerPrograms.FindPostgres() ?? throw ServerPrograms.Missing("PostgreSQL", Package), name);

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private async Task AskToStopAsync(PostgresStop how, CancellationToken cancellationToken)
    {
        var mode = how == PostgresStop.Fast ? "fast" : "immediate";
        var account = ServerAccount.Of("postgres", refusesRoot: true);
        var result = await account.RunAsync(Folder, [ProgramPath("pg_ctl"), "stop", "-w", "-s", "-D", _data, "-m", mode], cancellationToken);
        if (result.ExitCode != 0 && ProcessId is not null)
        {
            throw new ForgeException($"PostgreSQL in '{Folder}' does not stop: {result.Output}. Its log is '{LogPath}'.");
        }
    }

    // A folder is a server once it has PG_VERSION; what an interrupted attempt left is begun anew under another name.
    private async Task InitializeAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(_data, "PG_VERSION")))
        {
            return;
        }

        var making = _data + ".new";
        if (Directory.Exists(making))
        {
            Directory.Delete(making, recursive: true);
        }

        var result = await account.RunAsync(
            Folder,
            [ProgramPath("initdb"), "-D", making, "-U", User, "-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject"],
            cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new ForgeException($"PostgreSQL could not be set up in '{making}': {result.Output}");
        }

        await File.AppendAllTextAsync(Path.Combine(making, "postgresql.conf"), "\nfsync = on\nsynchronous_commit = on\njit = off\n", cancellationToken);
        Directory.Move(making, _data);
    }

    // After SIGKILL the last sessions need a moment to notice, and the id in the lock files may still belong to a process that is dead but
    // not yet collected, which keeps a new server from starting. Sessions stand in the data folder: without any, the locks are void.
    private async Task ClearAwayAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (ServerProcess.AnyIn(_data))
        {
            if (_time.GetElapsedTime(started) > StartLimit)
            {
                throw new ForgeException($"Processes of an earlier PostgreSQL still work in '{_data}'. End them, then try again.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken);
        }

        File.Delete(LockPath);
        File.Delete(Path.Combine(_sockets, ".s.PGSQL.5432.lock"));
    }

    private async Task RunAsync(ServerAccount account, string[] command, CancellationToken cancellationToken)
    {
        var result = await account.RunAsync(Folder, command, cancellationToken);
        if (result.ExitCode != 0)
        {
            var log = File.Exists(LogPath) ? string.Join('\n', File.ReadLines(LogPath).TakeLast(5)) : "";
            throw new ForgeException($"PostgreSQL in '{Folder}' does not start: {result.Output}\n{log}\nIts log is '{LogPath}'.");
        }
    }
}
