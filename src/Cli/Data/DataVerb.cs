using System.CommandLine;
using Forge.Cli.Runs;
using Forge.Core.Faults;
using Forge.DataPool.Sqlite;
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

    /// <exception cref="ForgeException">The run has no pool, or it works on it just now.</exception>
    public static RecordedPool Open(ParseResult parsed) => RecordedPool.Open(Path.Combine(RunTarget.Of(parsed).Processes.Run, "pool.db"));

    public static void SetAction(this Command command, Func<ParseResult, RecordedPool, CancellationToken, Task> act)
    {
        command.Options.Add(RunTarget.Option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var pool = Open(parsed);
            await act(parsed, pool, cancellationToken);
            return (int)ExitCode.Success;
        });
    }
}
