using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Runs;
using Forge.Core.Ring;
using Forge.Core.Text.Tokenization;
using Spectre.Console;

namespace Forge.Cli.Data;

/// <summary><c>forge data show</c>: one group, every episode and every call, as text when the run's tokenizer is at hand.</summary>
internal static class DataShowVerb
{
    public static Command Create()
    {
        var command = new Command("show", "Shows one group: its episodes, calls and rewards; tokens as text when the tokenizer is at hand.");
        var id = new Argument<long>("group") { Description = "The dispatch index." };
        var json = DataVerb.Json();
        command.Arguments.Add(id);
        command.Options.Add(json);
        command.SetAction(async (parsed, pool, cancellationToken) =>
        {
            var group = await pool.ReadGroupAsync(new GroupId(parsed.GetValue(id)), cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(DataJson.Serialize(group.Episodes.Select(episode => DataJson.Of(group, episode))));
            }
            else
            {
                Show(group, Tokenizer(RunTarget.Of(parsed)));
            }
        });
        return command;
    }

    private static void Show(Group group, ByteLevelBpeTokenizer? tokenizer)
    {
        AnsiConsole.WriteLine($"group {group.Id}  {group.Task.Id}  dispatched at version {group.DispatchedAt}");
        foreach (var episode in group.Episodes)
        {
            var result = episode.Result;
            AnsiConsole.WriteLine();
            AnsiConsole.WriteLine($"episode {episode.Id}  {result.Status} ({result.EndCause}), {(result.Success ? "success" : "no success")}");
            for (var turn = 0; turn < episode.Completions.Length; turn++)
            {
                var (completion, reward) = (episode.Completions[turn], result.Rewards[turn]);
                var tokens = $"{completion.PromptIds.Length} + {completion.ResponseIds.Length} tokens";
                AnsiConsole.WriteLine(FormattableString.Invariant(
                    $"  call {turn}: {tokens}, process {reward.Process:0.###}, speed {reward.Speed:0.###}, outcome {reward.Outcome:0.###}"));
                AnsiConsole.WriteLine("    " + Text(completion, tokenizer).ReplaceLineEndings("\n    "));
            }
        }
    }

    private static string Text(Completion completion, ByteLevelBpeTokenizer? tokenizer)
        => tokenizer is null || completion.ResponseIds.Any(id => id >= tokenizer.VocabularySize)
            ? string.Join(' ', completion.ResponseIds)
            : tokenizer.Decode([.. completion.ResponseIds]);

    private static ByteLevelBpeTokenizer? Tokenizer(RunTarget target)
    {
        var file = Path.Combine(RepositoryPaths.Find(target.Run.Section<ModelOptions>().Checkpoint), "tokenizer.json");
        return File.Exists(file) ? ByteLevelBpeTokenizer.Load(file) : null;
    }
}
