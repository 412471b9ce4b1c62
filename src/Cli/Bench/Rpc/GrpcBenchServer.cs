using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Cli.Bench.Rpc;

/// <summary>A server of the benchmark, in a process of its own, as the official one is: prints its address, ends with its standard input.</summary>
internal sealed class GrpcBenchServer : IDisposable
{
    private readonly Process _process;

    private GrpcBenchServer(Process process, string address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Host and port.</summary>
    internal string Address { get; }

    /// <summary>Starts a program that prints its port.</summary>
    internal static async Task<GrpcBenchServer> StartAsync(IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command.First(), command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var port = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return port is { Length: > 0 }
            ? new GrpcBenchServer(process, $"127.0.0.1:{port}")
            : throw new InvalidOperationException($"The server of the benchmark ended at once: {string.Join(' ', command)}");
    }

    /// <summary>What the process does.</summary>
    internal static async Task ServeAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel
            => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        await using var application = builder.Build();
        application.MapGrpcService<GrpcEcho>();
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address).Port);
        await Console.In.ReadToEndAsync(cancellationToken);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
