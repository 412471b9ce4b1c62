using System.CommandLine;
using Forge.Core.Ring;
using Forge.DataPool.Archive;

namespace Forge.Cli.Data;

/// <summary><c>forge data export</c>: every finished episode as a line of JSON, a group in memory at a time.</summary>
internal static class DataExportVerb
{
    private const int Page = 256;

    public static Command Create()
    {
        var command = new Command("export", "Writes episodes as JSON Lines, with tokens, log-probabilities and rewards.");
        var file = new Option<string?>("--output") { Description = "The file; without it, the standard output.", HelpName = "file" };
        command.Options.Add(file);
        command.SetAction(async (parsed, pool, cancellationToken) =>
        {
            await using var output = parsed.GetValue(file) is { } path ? new StreamWriter(path) : new StreamWriter(Console.OpenStandardOutput());
            await foreach (var group in GroupsAsync(pool, cancellationToken))
            {
                foreach (var episode in group.Episodes)
                {
                    await output.WriteLineAsync(DataJson.Serialize(DataJson.Of(group, episode)).AsMemory(), cancellationToken);
                }
            }
        });
        return command;
    }

    /// <summary>Finished and trained groups, in dispatch order.</summary>
    public static async IAsyncEnumerable<Group> GroupsAsync(
        PoolArchive pool, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var first = 0L; ;)
        {
            var page = await pool.ListAsync(new GroupId(first), Page, cancellationToken);
            foreach (var line in page.Where(line => line.State is "finished" or "trained" or "skipped"))
            {
                yield return await pool.ReadGroupAsync(line.Id, cancellationToken);
            }

            if (page.Length < Page)
            {
                yield break;
            }

            first = page[^1].Id.Value + 1;
        }
    }
}
