using System.CommandLine;
using Forge.Cli.Bench;
using Forge.Cli.Bench.Pool;
using Forge.Cli.Bench.Rpc;
using Forge.Cli.Machine;
using Forge.Learning.Bench;
using Forge.Rollout.Bench;
using Spectre.Console;

namespace Forge.Cli.Verbs;

/// <summary><c>forge bench torch|memory|rollout|train|packing|attention|tree|grpc|pool</c>: measures one part; docs/benchmarks keeps results.</summary>
internal static class BenchVerb
{
    public static Command Create() => new("bench", "Measures one part; prints a table, or one JSON object with --json.")
    {
        Bench("torch", "What a tensor operation costs from C#, above a direct C++ call.", (_, _) => Task.FromResult(Calls())),
        Bench("memory", "Whether 2,000 training steps leave memory behind.", (_, _) => Task.FromResult(Memory())),
        Bench("rollout", "Generated tokens/s of the reference shape, at several numbers of sequences.", RolloutAsync),
        Bench("train", "Trained tokens/s of the reference shape.", (threads, cancel) => Task.Run(() => Train(threads, cancel), cancel)),
        Bench("packing", "Tokens/s of merging and packing samples, a million tokens at once.", (_, cancel) => Task.Run(() => Packing(cancel), cancel)),
        AttentionBenchCommand.Create(),
        TreeBenchCommand.Create(),
        GrpcBenchCommand.Create(),
        PoolBenchCommand.Create(),
    };

    private static Command Bench(string name, string description, Func<int, CancellationToken, Task<IReadOnlyList<object>>> measure)
    {
        var json = new Option<bool>("--json") { Description = "Prints one JSON object: bench, machine, rows." };
        var threads = new Option<int>("--threads") { Description = "Most threads of a step; 0 is one per processor." };
        var command = new Command(name, description) { json, threads };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(json))
            {
                await Console.Error.WriteLineAsync($"forge: measuring {name}; other work on this machine makes it slower");
            }

            var machine = MachineDescription.Here();
            var rows = await measure(parsed.GetValue(threads), cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(BenchReport.ToJson(name, machine, rows).ToJsonString());
            }
            else
            {
                BenchReport.Show(AnsiConsole.Console, name, machine, rows);
            }

            return 0;
        });
        return command;
    }

    private static IReadOnlyList<object> Calls()
        => [.. TorchBench.Calls().Select(row => new
        {
            row.Operator,
            row.Shape,
            DirectNs = Math.Round(row.DirectNanoseconds),
            ManagedNs = Math.Round(row.ManagedNanoseconds),
            OverheadNs = Math.Round(row.OverheadNanoseconds),
        })];

    private static IReadOnlyList<object> Memory()
    {
        var curve = TorchBench.Memory();
        return
        [
            new
            {
                curve.Steps,
                FirstResidentMb = Math.Round(curve.ResidentBytes[0] / 1e6, 1),
                LastResidentMb = Math.Round(curve.ResidentBytes[^1] / 1e6, 1),
                LargestDrift = Math.Round(curve.LargestDrift, 4),
                FirstLiveHandles = curve.LiveHandles[0],
                LastLiveHandles = curve.LiveHandles[^1],
            },
        ];
    }

    private static async Task<IReadOnlyList<object>> RolloutAsync(int threads, CancellationToken cancellationToken)
        => [.. (await new RolloutBench { Threads = threads }.RunAsync(RolloutBench.ReferenceSequences, cancellationToken)).Select(row => new
        {
            row.Sequences,
            row.PromptTokens,
            row.NewTokens,
            GeneratedTokensPerS = Math.Round(row.GeneratedTokensPerSecond),
            BestTokensPerS = Math.Round(row.BestTokensPerSecond),
        })];

    private static IReadOnlyList<object> Train(int threads, CancellationToken cancellationToken)
        => [.. new TrainBench { Threads = threads }.Run(TimeProvider.System, cancellationToken).Select(row => new
        {
            row.Batch,
            row.Tokens,
            TrainedTokensPerS = Math.Round(row.TrainedTokensPerS),
            BestTokensPerS = Math.Round(row.BestTokensPerS),
        })];

    private static IReadOnlyList<object> Packing(CancellationToken cancellationToken)
        => [.. new PackingBench().Run(TimeProvider.System, cancellationToken).Select(row => new
        {
            row.Samples,
            row.Merge,
            row.Budget,
            row.Tokens,
            row.Rows,
            row.Batches,
            row.Chunks,
            Seconds = Math.Round(row.Seconds, 4),
            TokensPerS = Math.Round(row.TokensPerSecond),
            AllocatedMb = Math.Round(row.AllocatedBytes / 1e6, 1),
        })];
}
