using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Forge.Core.Faults;

namespace Forge.Hosting.Local;

/// <summary>
/// A Redis server that belongs to one folder, for runs and tests that need one of their own. Everything is found from the folder alone,
/// so that any process can stop or start again what another one started; it outlives the process that starts it.
/// </summary>
/// <remarks>It keeps nothing on the disk: Forge has only there what can be rebuilt. It listens on a loopback port, behind a password of its own.</remarks>
public sealed class LocalRedis : ILocalServer
{
    public const string Package = "redis-server";

    private const string ProcessName = "redis-server";
    private const int MostPorts = 5;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;

    /// <param name="folder">Everything of the server is below it; made when absent.</param>
    /// <param name="time">Paces waiting.</param>
    public LocalRedis(string folder, TimeProvider time)
    {
        _time = time;
        Folder = Path.GetFullPath(folder);
    }

    /// <summary>Whether the server's program is on this machine.</summary>
    public static bool IsInstalled => ServerPrograms.FindRedis() is not null;

    public string Name => "redis";

    public string Folder { get; }

    public string LogPath => Path.Combine(Folder, "redis.log");

    /// <summary>The server's process, when it runs.</summary>
    public int? ProcessId => ServerProcess.Find(PidPath, ProcessName);

    /// <summary>Reaches the server, in StackExchange.Redis' form. The port stays the same unless another program has taken it while the server was down.</summary>
    /// <exception cref="ForgeException">The server was never started.</exception>
    public string ConnectionString => $"127.0.0.1:{Setting("port")},password={Setting("requirepass")}";

    private string ConfigurationPath => Path.Combine(Folder, "redis.conf");

    private string PidPath => Path.Combine(Folder, "redis.pid");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not null)
        {
            return;
        }

        var program = ServerPrograms.FindRedis() ?? throw ServerPrograms.Missing("Redis", Package);
        var account = ServerAccount.Of("redis", refusesRoot: false);
        await account.OwnFolderAsync(Folder, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            Configure(keepPort: attempt == 1);
            var before = File.Exists(LogPath) ? File.ReadLines(LogPath).Count() : 0;
            var result = await account.RunAsync(Folder, [program, ConfigurationPath], cancellationToken);
            if (result.ExitCode == 0 && await AnswersAsync(before, cancellationToken))
            {
                return;
            }

            if (attempt == MostPorts || !Log(before).Contains("Address already in use", StringComparison.Ordinal))
            {
                throw new ForgeException($"Redis in '{Folder}' does not start: {result.Output}\n{Log(before)}\nIts log is '{LogPath}'.");
            }
        }
    }

    /// <summary>Ends the server at once; what it held is gone. Does nothing when it does not run.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is { } process)
        {
            await ServerProcess.KillAsync(process, ProcessName, _time, cancellationToken);
        }
    }

    public Task StopAsync(bool isUrgent, CancellationToken cancellationToken) => StopAsync(cancellationToken);

    /// <summary>Forgets everything that it holds.</summary>
    /// <returns>False when it does not answer.</returns>
    public Task<bool> FlushAsync(CancellationToken cancellationToken) => AskAsync("FLUSHALL", "+OK", cancellationToken);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Configure(bool keepPort)
    {
        var exists = File.Exists(ConfigurationPath);
        var port = keepPort && exists ? Setting("port") : FreePort().ToString(CultureInfo.InvariantCulture);
        var password = exists ? Setting("requirepass") : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        File.WriteAllText(
            ConfigurationPath,
            $"""
            bind 127.0.0.1
            port {port}
            requirepass {password}
            daemonize yes
            dir "{Folder}"
            pidfile "{PidPath}"
            logfile "{LogPath}"
            save ""
            appendonly no

            """);
    }

    private string Setting(string key)
        => !File.Exists(ConfigurationPath)
            ? throw new ForgeException($"There is no Redis in '{Folder}' yet. Start it first.")
            : File.ReadLines(ConfigurationPath).First(line => line.StartsWith(key + " ", StringComparison.Ordinal))[(key.Length + 1)..];

    private async Task<bool> AnswersAsync(int logged, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (_time.GetElapsedTime(started) < StartLimit)
        {
            if (await PingAsync(cancellationToken))
            {
                return true;
            }

            if (Log(logged).Contains("Failed listening", StringComparison.Ordinal))
            {
                return false;
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }

        return false;
    }

    // Its own password makes sure that it is ours who answers, not another program on this port.
    private Task<bool> PingAsync(CancellationToken cancellationToken) => AskAsync("PING", "+PONG", cancellationToken);

    private async Task<bool> AskAsync(string command, string expected, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, int.Parse(Setting("port"), CultureInfo.InvariantCulture), cancellationToken);
            client.ReceiveTimeout = client.SendTimeout = (int)StartLimit.TotalMilliseconds;
            using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Setting("requirepass")}\r\n{command}\r\n"), cancellationToken);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadLineAsync(cancellationToken) == "+OK" && await reader.ReadLineAsync(cancellationToken) == expected;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string Log(int after) => File.Exists(LogPath) ? string.Join('\n', File.ReadLines(LogPath).Skip(after)) : "";
}
