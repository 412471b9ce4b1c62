using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Forge.Cli.Composition;

namespace Forge.Cli.Bench.Rpc;

/// <summary>Lets the official implementation for Node.js make the same measurements: eng/grpc-js, client and server.</summary>
internal static class OfficialGrpcBench
{
    internal static async Task<GrpcBenchRow> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(RepositoryPaths.Find(Path.Combine("eng", "grpc-js")));
        var program = Path.Combine(folder, "echo.js");
        var proto = Path.Combine(folder, "echo.proto");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            await RunAsync(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]) { WorkingDirectory = folder }, cancellationToken);
        }

        using var server = await GrpcBenchServer.StartAsync(["node", program, "serve", proto], cancellationToken);
        var start = new ProcessStartInfo("node", [program, "bench", proto, server.Address]);
        start.Environment["BENCH_SECONDS"] = duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        start.Environment["BENCH_PAYLOAD"] = GrpcBench.Payload.ToString(CultureInfo.InvariantCulture);
        start.Environment["BENCH_CHUNK"] = GrpcBench.Chunk.ToString(CultureInfo.InvariantCulture);
        start.Environment["BENCH_CHUNKS"] = GrpcBench.Chunks.ToString(CultureInfo.InvariantCulture);
        return Row(JsonNode.Parse(await RunAsync(start, cancellationToken))!);
    }

    private static GrpcBenchRow Row(JsonNode measured)
    {
        double Rounded(string part, string name) => Math.Round(measured[part]![name]!.GetValue<double>());
        return new GrpcBenchRow(
            "grpc-js", Rounded("one", "calls_per_s"), Rounded("one", "p50_us"), Rounded("one", "p99_us"),
            Rounded("many", "calls_per_s"), Rounded("many", "p50_us"), Rounded("many", "p99_us"), Math.Round(measured["mb_per_s"]!.GetValue<double>()));
    }

    private static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        await using var stop = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'{start.FileName} {string.Join(' ', start.ArgumentList)}' ended with code {process.ExitCode}.");
    }
}
