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
/// <c>forge data rescore</c>: what every finished episode would earn under the weights of another run file, as a new reward version
/// beside the pool, for <c>forge train --replay RUN --rewards vN</c>. Recorded rewards and earlier versions stay as they are.
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
            var (files, groups) = (new RewardFiles(RunTarget.Of(parsed).Processes.Run), new WholeGroups(pool));
            var (episodes, sum) = (0L, 0.0);
            var version = await files.AddAsync(async (next, output) =>
            {
                await output.WriteLineAsync(DataJson.Serialize(new { Version = next, options.ProcessWeight, options.SpeedWeight }));
                await foreach (var group in groups.ReadAsync(cancellationToken))
                {
                    foreach (var episode in group.Episodes.Where(GroupScorer.IsTrainable))
                    {
                        var line = new ScoredLine(group.Id.Value, episode.Id.Value, scorer.TotalReturn(episode), [.. scorer.Rewards(episode)]);
                        await output.WriteLineAsync(DataJson.Serialize(line));
                        (episodes, sum) = (episodes + 1, sum + line.Return);
                    }
                }
            });
            groups.SayPruned();
            var path = files.PathOf(version);
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
}
