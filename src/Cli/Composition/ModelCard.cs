using System.Globalization;
using System.Text;
using Forge.Cli.Display;
using Forge.Cli.Machine;
using Forge.Hosting.RunFiles;
using Forge.Trainer.Supervised;

namespace Forge.Cli.Composition;

/// <summary>Writes the card of a checkpoint that supervised training made: command, data, seed, hardware, result.</summary>
internal sealed class ModelCard(
    string command, RunFile run, string environment, SftOutcome outcome, DemonstrationBatches data, long parameters, MachineDescription machine)
{
    public string Text()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            ---
            library_name: forge
            pipeline_tag: text-generation
            tags: [minimax-m2, mixture-of-experts, tool-use, reinforcement-learning]
            ---

            # A base policy for `{environment}`

            A MiniMax-M2 policy of {parameters / 1e6:0.##} M parameters, trained on scripted demonstrations: a starting point of reinforcement
            learning. Weights are bfloat16 (router weights float32), in the public layout, with the tokenizer beside them.

            ## How it was made

                {command}

            | | |
            |---|---|
            | data | {data.Shown} demonstrations of train tasks of `{environment}`, played by its scripted solver |
            | seed | {run.Section<RunOptions>().Seed} |
            | steps | {outcome.Steps} |
            | token rows | {outcome.TokenRows} |
            | trained tokens | {outcome.TrainedTokens} |
            | final loss | {outcome.Loss:0.0000} nats per trained token (mean of the last tenth) |
            | time | {Wording.Duration(outcome.Elapsed)} |
            | hardware | {machine} |

            Demonstrations by difficulty:

            | level | demonstrations | fraction |
            |---|---|---|

            """);
        foreach (var (level, count) in data.ShownByLevel)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {level} | {count} | {(double)count / data.Shown:0.0000} |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nEverything as it was used:\n\n{Indented(run.Resolved)}\n").ToString();
    }

    private static string Indented(string text) => string.Join('\n', text.TrimEnd().Split('\n').Select(line => line.Length == 0 ? line : "    " + line));
}
