using System.CommandLine;
using Forge.Cli.Machine;
using Spectre.Console;

namespace Forge.Cli.Bench.Rpc;

/// <summary><c>forge bench grpc</c>: calls/s, latency and streamed MB/s beside grpc-js, in one run; docs/benchmarks/grpc.md keeps results.</summary>
internal sealed class GrpcBenchCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Prints one JSON object: bench, machine, rows." };
    private readonly Option<bool> _serve = new("--serve") { Description = "Serves the benchmark's calls and prints its port.", Hidden = true };

    public static Command Create() => new GrpcBenchCommand().ToCommand();

    private Command ToCommand()
    {
        var command = new Command("grpc", "Calls/s, latency and streamed MB/s, beside the official implementation for Node.js.") { _json, _serve };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(_serve))
            {
                await GrpcBenchServer.ServeAsync(cancellationToken);
            }
            else
            {
                await MeasureAsync(parsed.GetValue(_json), cancellationToken);
            }

            return 0;
        });
        return command;
    }

    private static async Task MeasureAsync(bool json, CancellationToken cancellationToken)
    {
        if (!json)
        {
            await Console.Error.WriteLineAsync("forge: measuring grpc; other work on this machine makes it slower");
        }

        var machine = MachineDescription.Here();
        var bench = new GrpcBench(TimeProvider.System);
        var rows = new List<GrpcBenchRow>();
        using (var server = await GrpcBenchServer.StartAsync(
            ["dotnet", typeof(GrpcBenchCommand).Assembly.Location, "bench", "grpc", "--serve"], cancellationToken))
        {
            rows.Add(await bench.RunAsync(server.Address, cancellationToken));
        }

        rows.Add(await OfficialGrpcBench.RunAsync(bench.Duration, cancellationToken));
        if (json)
        {
            Console.WriteLine(BenchReport.ToJson("grpc", machine, rows).ToJsonString());
        }
        else
        {
            BenchReport.Show(AnsiConsole.Console, "grpc", machine, rows);
        }
    }
}
