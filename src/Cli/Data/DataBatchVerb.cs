using System.CommandLine;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Stores;
using Spectre.Console;

namespace Forge.Cli.Data;

/// <summary><c>forge data batch</c>: rebuilds what a past step trained on, and checks it against the step's manifest.</summary>
internal static class DataBatchVerb
{
    public static Command Create()
    {
        var command = new Command("batch", "Rebuilds the batch of a past step and checks it against the hashes that were written with the step.");
        var step = new Argument<long>("step") { Description = "The version that the step published, from 1." };
        var json = DataVerb.Json();
        command.Arguments.Add(step);
        command.Options.Add(json);
        command.SetAction(async (parsed, pool, cancellationToken) =>
        {
            var version = new PolicyVersion(parsed.GetValue(step));
            var manifest = await pool.ReadBatchAsync(version, cancellationToken) ?? throw new ForgeException(
                $"'{pool.Path}' has no batch of step {version}: it was not trained yet, or was undone, or an older Forge trained it.");
            var rebuilt = new List<BatchEntry>();
            foreach (var entry in manifest.Groups)
            {
                rebuilt.Add(BatchEntry.Of(await pool.ReadGroupAsync(entry.Group, cancellationToken)));
            }

            var again = new BatchManifest(version, [.. rebuilt]);
            Print(manifest, again, parsed.GetValue(json));
            if (again.Hash != manifest.Hash)
            {
                var wrong = manifest.Groups.Zip(rebuilt).Where(pair => pair.First != pair.Second).Select(pair => pair.First.Group);
                throw new ForgeException($"Step {version}: groups {string.Join(", ", wrong)} are not what was trained on; '{pool.Path}' was changed since.");
            }
        });
        return command;
    }

    private static void Print(BatchManifest manifest, BatchManifest rebuilt, bool json)
    {
        if (json)
        {
            Console.WriteLine(DataJson.Serialize(new
            {
                Step = manifest.Step.Value,
                manifest.Hash,
                Rebuilt = rebuilt.Hash,
                Equal = manifest.Hash == rebuilt.Hash,
                Groups = rebuilt.Groups.Select(entry => new { Group = entry.Group.Value, entry.OldestVersion, entry.NewestVersion, entry.Hash }),
            }));
            return;
        }

        foreach (var entry in rebuilt.Groups)
        {
            AnsiConsole.WriteLine($"group {entry.Group}  versions {entry.OldestVersion}..{entry.NewestVersion}  {entry.Hash}");
        }

        var verdict = manifest.Hash == rebuilt.Hash ? "as it was trained" : "CHANGED";
        AnsiConsole.WriteLine($"step {manifest.Step}: {rebuilt.Groups.Length} groups, {verdict}, {rebuilt.Hash}");
    }
}
