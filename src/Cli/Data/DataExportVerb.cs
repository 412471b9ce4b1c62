using System.CommandLine;

namespace Forge.Cli.Data;

/// <summary><c>forge data export</c>: every finished episode as a line of JSON, a group in memory at a time.</summary>
internal static class DataExportVerb
{
    public static Command Create()
    {
        var command = new Command("export", "Writes episodes as JSON Lines, with tokens, log-probabilities and rewards.");
        var file = new Option<string?>("--output") { Description = "The file; without it, the standard output.", HelpName = "file" };
        command.Options.Add(file);
        command.SetAction(async (parsed, pool, cancellationToken) =>
        {
            await using var output = parsed.GetValue(file) is { } path ? new StreamWriter(path) : new StreamWriter(Console.OpenStandardOutput());
            var groups = new WholeGroups(pool);
            await foreach (var group in groups.ReadAsync(cancellationToken))
            {
                foreach (var episode in group.Episodes)
                {
                    await output.WriteLineAsync(DataJson.Serialize(DataJson.Of(group, episode)).AsMemory(), cancellationToken);
                }
            }

            groups.SayPruned();
        });
        return command;
    }
}
