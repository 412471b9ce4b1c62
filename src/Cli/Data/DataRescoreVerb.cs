using System.CommandLine;
using System.Globalization;
using Forge.Cli.Composition;
using Forge.Cli.Runs;
using Forge.Hosting.RunFiles;
using Forge.Trainer;
using Forge.Trainer.Batches;
using Spectre.Console;

namespace Forge.Cli.Data;

/// <summary>
/// <c>forge data rescore</c>: what every finished episode would return under the weights of another run file, as a new reward version
/// beside the pool. Recorded rewards and earlier versions stay as they are.
/// </summary>
internal static class DataRescoreVerb
{
    public static Command Create()
    {
        var command = new Command("rescore", "Computes returns with the reward weights of another run file, as a new version beside the recorded ones.");
        var file = new Option<string>("--run") { Description = "A run file with the weights (section algorithm).", HelpName = "file", Required = true };
        var json = DataVerb.Json();
        command.Options.Add(file);
        command.Options.Add(json);
        command.SetAction(async (parsed, pool, cancellationToken) =>
        {
            var run = RunFile.Load(parsed.GetValue(file)!, [], ForgeRunSchema.Create(), Environment.GetEnvironmentVariable);
            var options = run.Section<AlgorithmOptions>();
            var scorer = new GroupScorer(options);
            var folder = Path.Combine(RunTarget.Of(parsed).Processes.Run, "rewards");
            Directory.CreateDirectory(folder);
            var version = NextVersion(folder);
            var path = Path.Combine(folder, $"v{version}.jsonl");
            var (episodes, sum) = (0L, 0.0);
            await using (var output = new StreamWriter(path + ".tmp"))
            {
                await output.WriteLineAsync(DataJson.Serialize(new { Version = version, options.ProcessWeight, options.SpeedWeight }));
                await foreach (var group in DataExportVerb.GroupsAsync(pool, cancellationToken))
                {
                    foreach (var episode in group.Episodes.Where(GroupScorer.IsTrainable))
                    {
                        var total = scorer.TotalReturn(episode);
                        await output.WriteLineAsync(DataJson.Serialize(new { Group = group.Id.Value, Episode = episode.Id.Value, Return = total }));
                        (episodes, sum) = (episodes + 1, sum + total);
                    }
                }
            }

            File.Move(path + ".tmp", path);
            var mean = episodes == 0 ? 0 : sum / episodes;
            if (parsed.GetValue(json))
            {
                Console.WriteLine(DataJson.Serialize(new { Version = version, Path = path, Episodes = episodes, MeanReturn = mean }));
            }
            else
            {
                AnsiConsole.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"reward version {version}: {episodes} episodes, mean return {mean:0.####}, in {path}"));
            }
        });
        return command;
    }

    // Version 1 is what was recorded.
    private static int NextVersion(string folder)
        => 1 + Directory.EnumerateFiles(folder, "v*.jsonl")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path)[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 1)
            .DefaultIfEmpty(1).Max();
}
