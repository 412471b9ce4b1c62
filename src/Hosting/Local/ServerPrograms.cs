using Forge.Core.Faults;

namespace Forge.Hosting.Local;

/// <summary>Finds the servers that the distribution installs.</summary>
internal static class ServerPrograms
{
    private const string PostgresVersions = "/usr/lib/postgresql";

    /// <summary>The folder of PostgreSQL's programs: the newest version that Debian keeps outside PATH, else the one in PATH; null without one.</summary>
    public static string? FindPostgres()
        => Versions().Select(version => Path.Combine(version, "bin")).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            ?? Path.GetDirectoryName(InPath("initdb"));

    public static string? FindRedis() => InPath("redis-server");

    public static ForgeException Missing(string server, string package)
        => new($"{server} is not installed here. Install it as root: apt-get install -y {package}");

    private static IEnumerable<string> Versions()
        => Directory.Exists(PostgresVersions)
            ? Directory.EnumerateDirectories(PostgresVersions)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            : [];

    private static string? InPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
