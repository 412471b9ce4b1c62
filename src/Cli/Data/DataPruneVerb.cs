using System.CommandLine;
using System.Globalization;
using Forge.Cli.Runs;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.DataPool.Pruning;
using Forge.DataPool.Stores;
using Forge.Hosting.Faults;
using Spectre.Console;

namespace Forge.Cli.Data;

/// <summary><c>forge data prune</c>: frees the space of old steps, never of what a checkpoint could need.</summary>
internal static class DataPruneVerb
{
    public static Command Create()
    {
        var command = new Command(
            "prune",
            "Removes the tokens of groups that old steps trained, skipped or gave up; results, rewards and the consumption log stay. "
            + "Never what a checkpoint could need again. The run must be stopped.");
        var limits = new PruneLimits().AddTo(command);
        var trial = new Option<bool>("--dry-run") { Description = "Only says what would go and what that frees." };
        var json = DataVerb.Json();
        command.Options.Add(RunTarget.Option);
        command.Options.Add(trial);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = RunTarget.Of(parsed);
            await using var server = await ServerAsync(target, cancellationToken);
            await using var pool = await OpenAsync(target, cancellationToken);
            var (last, because) = await limits.FindAsync(parsed, target.Processes.Run, pool, TimeProvider.System.GetUtcNow());
            var (before, isTrial) = (await pool.SizeAsync(), parsed.GetValue(trial));
            var report = isTrial
                ? await pool.CountAsync(new PolicyVersion(last))
                : await pool.PruneAsync(new PolicyVersion(last), cancellationToken);
            Show(report, because, isTrial, (before, isTrial ? before : await pool.SizeAsync()), parsed.GetValue(json));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static async Task<RunServer?> ServerAsync(RunTarget target, CancellationToken cancellationToken)
        => IsPostgres(target) ? await RunServer.StartAsync(target, cancellationToken) : null;

    private static async Task<PoolPruning> OpenAsync(RunTarget target, CancellationToken cancellationToken)
        => IsPostgres(target)
            ? await PostgresPruning.OpenAsync(target.Run.Section<DataPoolOptions>().Postgres, target.Processes.Run, TimeProvider.System, cancellationToken)
            : SqlitePruning.Open(Path.Combine(target.Processes.Run, "pool.db"));

    private static bool IsPostgres(RunTarget target) => target.Run.Section<DataPoolOptions>().Store == PoolStore.Postgres;

    private static void Show(PruneReport report, string because, bool isTrial, (long Before, long After) size, bool json)
    {
        if (json)
        {
            Console.WriteLine(DataJson.Serialize(new
            {
                LastStep = report.Last.Value,
                report.Completions,
                report.Bytes,
                SizeBefore = size.Before,
                SizeAfter = isTrial ? (long?)null : size.After,
                KeptBecause = because,
                DryRun = isTrial,
            }));
            return;
        }

        var verb = isTrial ? "would go, which frees about" : "are gone:";
        AnsiConsole.WriteLine($"{report.Completions} completions of steps up to {report.Last} {verb} {Mebibytes(report.Bytes)} of tokens and log-probabilities.");
        AnsiConsole.WriteLine($"Later steps stay: {because}.");
        AnsiConsole.WriteLine(isTrial
            ? $"The ledger takes {Mebibytes(size.Before)}. Nothing was changed; without --dry-run they go."
            : $"The ledger took {Mebibytes(size.Before)} and takes {Mebibytes(size.After)} now.");
    }

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.##} MiB");
}
