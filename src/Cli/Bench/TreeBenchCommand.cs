using System.CommandLine;
using System.Globalization;
using Forge.Cli.Composition;
using Forge.Cli.Machine;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.Hosting.Faults;
using Forge.Trainer.Bench;
using Spectre.Console;

namespace Forge.Cli.Bench;

/// <summary><c>forge bench tree</c>: what merging shared prefixes saves of whole training steps; docs/benchmarks/tree.md keeps results.</summary>
internal sealed class TreeBenchCommand
{
    private const string QuickstartPolicy = "models/base";

    private readonly Option<bool> _json = new("--json") { Description = "Prints one JSON object: bench, machine, rows." };
    private readonly Option<string> _device = new("--device")
    {
        Description = "cpu, or cuda: larger trees and a policy of 1.5 B parameters in bf16.",
        DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Most threads of a step on the CPU; 0 is one per processor." };
    private readonly Option<string?> _trees = new("--trees") { Description = "Only these, by name, apart by commas.", HelpName = "name,…" };
    private readonly Option<FileInfo?> _pool = new("--pool") { Description = "Takes 'quickstart' from a step recorded in this pool.db.", HelpName = "file" };
    private readonly Option<long?> _step = new("--step") { Description = "Which step of the pool; default: the last that was trained." };
    private readonly Option<FileInfo?> _record = new("--record") { Description = "Writes the pool's step as a small file and measures nothing.", HelpName = "file" };
    private readonly Option<int?> _microBatch = new("--micro-batch-tokens") { Description = "Most rows in one pass; default 8192 on the CPU, 131072 on CUDA." };
    private readonly Option<bool?> _checkpoint = new("--checkpoint-activations")
    {
        Description = "Computes activations again in the backward pass; default: false on the CPU, true on CUDA.",
    };

    private readonly Option<int?> _runs = new("--runs") { Description = "Timed runs of each way, of which the median counts; default 5 on the CPU, 3 on CUDA." };
    private readonly Option<bool> _full = new("--full") { Description = "Times all sequences of every tree, however long it takes." };

    public static Command Create() => new TreeBenchCommand().ToCommand();

    private Command ToCommand()
    {
        _device.AcceptOnlyFromAmong("cpu", "cuda");
        var command = new Command("tree", "What merging shared prefixes saves of whole training steps.")
        {
            _json, _device, _threads, _trees, _pool, _step, _record, _microBatch, _checkpoint, _runs, _full,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => RunAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var quickstart = parsed.GetValue(_pool) is { } pool
            ? await ReadPoolAsync(pool.FullName, parsed.GetValue(_step), cancellationToken)
            : RecordedStep.Quickstart();
        if (parsed.GetValue(_record) is { } file)
        {
            if (parsed.GetValue(_pool) is null)
            {
                throw new UsageException("--record writes a step of a pool: give the pool.db with --pool.");
            }

            await using var stream = file.Create();
            RecordedStep.Write(quickstart, stream);
            return 0;
        }

        var machine = MachineDescription.Here();
        var rows = new List<TreeBenchRow>();
        foreach (var row in Bench(parsed, out var trees, quickstart).Run(trees, TimeProvider.System, cancellationToken))
        {
            await Console.Error.WriteLineAsync(parsed.GetValue(_json) ? BenchReport.ToJson(TreeBenchColumns.All(row)).ToJsonString() : Summary(row));
            rows.Add(row);
        }

        Show(machine, rows, parsed.GetValue(_json));
        return 0;
    }

    private static string Summary(TreeBenchRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"forge: {row.Tree}: {row.SpeedupVsCompletion:0.00} × as fast as none (ideal {row.IdealVsCompletion:0.00}), "
        + $"{row.SpeedupVsEpisode:0.00} × as episode ({row.IdealVsEpisode:0.00})");

    private TreeBench Bench(ParseResult parsed, out List<StepSamples> trees, StepSamples quickstart)
    {
        var isCuda = parsed.GetValue(_device) == "cuda";
        var policy = isCuda ? PublishedTrees.LargePolicy : PolicyFolder.Open(QuickstartPolicy).Config;
        trees = Chosen(parsed.GetValue(_trees), isCuda ? PublishedTrees.Large : PublishedTrees.Small, quickstart, policy.VocabSize);
        return new TreeBench
        {
            Policy = policy,
            Placement = PolicyFolder.Placement(parsed.GetValue(_device)!, isCuda ? "bfloat16" : "float32"),
            MicroBatchTokens = parsed.GetValue(_microBatch) ?? (isCuda ? 131_072 : 8192),
            CheckpointActivations = parsed.GetValue(_checkpoint) ?? isCuda,
            Threads = parsed.GetValue(_threads),
            Runs = parsed.GetValue(_runs) ?? (isCuda ? 3 : 5),
            MostTokens = parsed.GetValue(_full) ? long.MaxValue : 200_000,
            Progress = message => Console.Error.WriteLine("forge: " + message),
        };
    }

    /// <exception cref="UsageException">A name is none of the published trees'.</exception>
    private static List<StepSamples> Chosen(string? names, IReadOnlyList<TreeShape> published, StepSamples quickstart, int vocabulary)
    {
        var known = published.Select(shape => shape.Name).Prepend(quickstart.Name).ToArray();
        var wanted = names?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? known;
        var strange = wanted.Except(known).ToArray();
        if (strange.Length > 0)
        {
            throw new UsageException($"--trees: there is no tree '{strange[0]}'. The trees are {string.Join(", ", known)}.");
        }

        return [.. wanted.Select(name => name == quickstart.Name ? quickstart : published.Single(shape => shape.Name == name).Draw(vocabulary, seed: 1))];
    }

    private static async Task<StepSamples> ReadPoolAsync(string path, long? step, CancellationToken cancellationToken)
    {
        await using var recorded = RecordedPool.Open(path);
        var trained = (await recorded.ReadConsumptionsAsync(cancellationToken)).Where(line => line.Kind == ConsumptionKind.Trained).ToArray();
        var version = step ?? trained.Select(line => line.Step.Value).DefaultIfEmpty().Max();
        var groups = new List<Group>();
        foreach (var line in trained.Where(line => line.Step.Value == version).OrderBy(line => line.Position))
        {
            groups.Add(await recorded.ReadGroupAsync(line.Group, cancellationToken));
        }

        return groups.Count > 0
            ? StepSamples.Of(RecordedStep.Name, groups)
            : throw new ForgeException($"'{path}' has no groups that step {version} trained. Choose another with --step.");
    }

    private static void Show(MachineDescription machine, List<TreeBenchRow> rows, bool json)
    {
        if (json)
        {
            Console.WriteLine(BenchReport.ToJson("tree", machine, rows.Select(TreeBenchColumns.All)).ToJsonString());
        }
        else
        {
            BenchReport.Show(AnsiConsole.Console, "tree: sizes", machine, [.. rows.Select(TreeBenchColumns.Sizes)]);
            BenchReport.Show(AnsiConsole.Console, "tree: speed", machine, [.. rows.Select(TreeBenchColumns.Speeds)]);
        }
    }
}
