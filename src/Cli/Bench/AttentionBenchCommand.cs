using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Cli.Machine;
using Forge.Learning.Bench;
using Spectre.Console;

namespace Forge.Cli.Bench;

/// <summary><c>forge bench attention</c>: one layer's attention over prefix trees, by kernel and plan; docs/benchmarks keeps results.</summary>
internal sealed class AttentionBenchCommand
{
    // On the CPU: small enough that all is done in a minute.
    private const int CpuReduction = 64;
    private const int CpuHeadDim = 32;

    private readonly Option<bool> _json = new("--json") { Description = "Prints one JSON object: bench, machine, rows." };
    private readonly Option<string> _device = new("--device")
    {
        Description = "cuda, or cpu: the kernels' reference on reduced trees.",
        DefaultValueFactory = _ => "cpu",
    };

    public static Command Create() => new AttentionBenchCommand().ToCommand();

    private Command ToCommand()
    {
        _device.AcceptOnlyFromAmong("cpu", "cuda");
        var command = new Command("attention", "Useful TFLOP/s of attention over prefix trees, by kernel and plan.") { _json, _device };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => RunAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var isCuda = parsed.GetValue(_device) == "cuda";
        var bench = new AttentionBench
        {
            Device = PolicyFolder.Placement(parsed.GetValue(_device)!, "float32").Device,
            HeadDim = isCuda ? 128 : CpuHeadDim,
            Reduction = isCuda ? 1 : CpuReduction,
            Runs = isCuda ? 7 : 1,
        };
        var rows = new List<object>();
        foreach (var row in bench.Run(TimeProvider.System, cancellationToken))
        {
            await Console.Error.WriteLineAsync(FormattableString.Invariant(
                $"forge: {row.Tree}, {row.Kernels}, {row.Plan}: {row.BothTflops:0.000} TFLOP/s, {row.Calls} calls"));
            rows.Add(Rounded(row));
        }

        var machine = MachineDescription.Here();
        if (parsed.GetValue(_json))
        {
            Console.WriteLine(BenchReport.ToJson("attention", machine, rows).ToJsonString());
        }
        else
        {
            BenchReport.Show(AnsiConsole.Console, "attention", machine, rows);
        }

        return 0;
    }

    private static object Rounded(AttentionBenchRow row) => row with
    {
        ForwardMs = Math.Round(row.ForwardMs, 3),
        BothMs = Math.Round(row.BothMs, 3),
        ForwardTflops = Math.Round(row.ForwardTflops, 3),
        BothTflops = Math.Round(row.BothTflops, 3),
    };
}
