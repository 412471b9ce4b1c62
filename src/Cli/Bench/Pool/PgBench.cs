using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Forge.Core.Faults;
using Forge.Hosting.Local;

namespace Forge.Cli.Bench.Pool;

/// <summary>Inserts rows as <see cref="PoolBench"/> stores them with PostgreSQL's own load generator: one row per transaction, nothing else.</summary>
internal static partial class PgBench
{
    private const string Table =
        """
        DROP TABLE IF EXISTS raw_completions;
        CREATE TABLE raw_completions (
            id text PRIMARY KEY, episode_id text NOT NULL, turn integer NOT NULL, format integer NOT NULL, prompt_ids bytea NOT NULL,
            response_ids bytea NOT NULL, policy_log_probs bytea NOT NULL, UNIQUE (episode_id, turn)) WITH (toast_tuple_target = 8160);
        """;

    /// <param name="connection">The server's, of <see cref="LocalPostgres"/>.</param>
    /// <param name="folder">For the script.</param>
    /// <param name="clients">Sessions, each with one transaction in flight.</param>
    /// <param name="duration">How long to insert.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PoolBenchRow> RunAsync(
        string connection, string folder, int clients, TimeSpan duration, CancellationToken cancellationToken)
    {
        var target = connection.Split(';').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        string[] place = ["-h", target["Host"], "-U", target["Username"]];
        var script = Path.Combine(folder, "insert.sql");
        await File.WriteAllTextAsync(script, Script(), cancellationToken);
        await OutputAsync("psql", [.. place, "-q", "-c", Table, target["Database"]], cancellationToken);
        var seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var clientCount = clients.ToString(CultureInfo.InvariantCulture);
        var threads = Math.Min(clients, Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture);
        var output = await OutputAsync(
            "pgbench", [.. place, "-n", "-M", "prepared", "-f", script, "-c", clientCount, "-j", threads, "-T", seconds, target["Database"]], cancellationToken);
        var rate = double.Parse(Rate().Match(output).Groups["rate"].Value, CultureInfo.InvariantCulture);
        return new PoolBenchRow("pgbench", Pool: null, clients, rate, null, null, null);
    }

    // Random bytes, because what is stored does not compress.
    private static string Script()
    {
        var random = new Random(1);
        return $"""
            INSERT INTO raw_completions VALUES (gen_random_uuid()::text, gen_random_uuid()::text, 1, 7,
                '{Bytes(2 * PoolBench.PromptTokens)}', '{Bytes(2 * PoolBench.ResponseTokens)}', '{Bytes(4 * PoolBench.ResponseTokens)}');
            """;

        string Bytes(int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return "\\x" + Convert.ToHexStringLower(bytes);
        }
    }

    private static async Task<string> OutputAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(LocalPostgres.ProgramPath(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new ForgeException($"{program} failed with code {process.ExitCode}: {await error}");
    }

    [GeneratedRegex(@"tps = (?<rate>[\d.]+)")]
    private static partial Regex Rate();
}
