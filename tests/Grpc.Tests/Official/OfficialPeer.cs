using System.Diagnostics;
using System.Text.Json;
using Forge.TestKit;

namespace Forge.Grpc.Tests.Official;

/// <summary>A program on an official implementation: eng/grpc-js on Node.js, or echo.py on Debian's python3-grpcio.</summary>
internal static class OfficialPeer
{
    private static readonly string Output = AppContext.BaseDirectory;

    /// <summary>Starts its server; the address stays until the process is disposed.</summary>
    internal static async Task<(Process Process, string Address)> ServeAsync(string language, bool gzip = false)
    {
        var process = await StartAsync(language, "serve", address: null, gzip);
        var port = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().ProcessTimeout()
            ?? throw new InvalidOperationException($"The {language} server ended: {await process.StandardError.ReadToEndAsync()}");
        return (process, $"http://127.0.0.1:{port}");
    }

    /// <summary>Lets its client check a server: check → "ok", or what went wrong.</summary>
    internal static async Task<Dictionary<string, string>> CheckAsync(string language, Uri address)
    {
        using var process = await StartAsync(language, "check", $"{address.Host}:{address.Port}", gzip: false);
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync().ProcessTimeout();
            return output.Length > 0
                ? JsonSerializer.Deserialize<Dictionary<string, string>>(output)!
                : throw new InvalidOperationException($"The {language} client ended: {await errors.ProcessTimeout()}");
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<Process> StartAsync(string language, string mode, string? address, bool gzip)
    {
        string[] command = language == "python"
            ? ["/usr/bin/python3", Path.Combine(Output, "Official", "echo.py"), mode]
            : ["node", Path.Combine(await GrpcJs.FolderAsync(), "echo.js"), mode, Path.Combine(Output, "Echo", "echo.proto")];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. address is null ? Array.Empty<string>() : [address]])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ECHO_GZIP"] = gzip ? "1" : "";
        return Process.Start(start)!;
    }
}
