using System.CommandLine;
using Forge.Cli.Runs;
using Forge.DataPool.Archive;
using Forge.Hosting.Faults;

namespace Forge.Cli.Data;

/// <summary><c>forge data</c>: what is in a run's pool.</summary>
internal static class DataVerb
{
    public static Command Create()
    {
        var command = new Command("data", "Looks into a run's pool: its groups, their tokens, the batches that were trained.");
        command.Subcommands.Add(DataListVerb.Create());
        command.Subcommands.Add(DataShowVerb.Create());
        command.Subcommands.Add(DataExportVerb.Create());
        command.Subcommands.Add(DataRescoreVerb.Create());
        command.Subcommands.Add(DataPruneVerb.Create());
        command.Subcommands.Add(DataBatchVerb.Create());
        return command;
    }

    public static Option<bool> Json() => new("--json") { Description = "JSON for machines." };

    public static void SetAction(this Command command, Func<ParseResult, PoolArchive, CancellationToken, Task> act)
    {
        command.Options.Add(RunTarget.Option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var archive = await RunArchive.OpenAsync(RunTarget.Of(parsed), cancellationToken);
            await act(parsed, archive.Pool, cancellationToken);
            return (int)ExitCode.Success;
        });
    }
}
