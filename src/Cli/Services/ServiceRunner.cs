using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>Runs one service of a distributed run in this process until it is asked to end.</summary>
internal static class ServiceRunner
{
    public static async Task<ExitCode> RunAsync(ServiceName name, RunFile run, string runDirectory, CancellationToken stop)
    {
        using var channels = new ServiceChannels(run, runDirectory);
        var context = new ServiceContext(name, run, runDirectory, channels);
        var process = Of(name);
        var builder = ServiceHost.CreateBuilder(context.Parts);
        process.Add(builder, context);
        await using var host = ServiceHost.Build(builder);
        process.Map(host.App);
        var exit = await host.RunAsync(stop);

        // A loop that broke speaks for the process.
        await Task.WhenAll(host.App.Services.GetServices<ServiceLoop>().Select(loop => loop.Work));
        return exit;
    }

    private static IServiceProcess Of(ServiceName name) => name switch
    {
        ServiceName.DataPool => new DataPoolProcess(),
        ServiceName.Rollout => new RolloutProcess(),
        ServiceName.Gateway => new GatewayProcess(),
        ServiceName.AgentSide => new AgentSideProcess(),
        ServiceName.Trainer => new TrainerProcess(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
