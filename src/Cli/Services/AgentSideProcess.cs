using Forge.AgentSide;
using Forge.AgentSide.Dispatch;
using Forge.Cli.History;
using Forge.Contracts;
using Forge.Contracts.Clients;
using Forge.Core.Ring;
using Forge.Hosting.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>The agent side: asks the data pool for tickets, the gateway for answers; evaluates for the trainer.</summary>
internal sealed class AgentSideProcess : IServiceProcess
{
    public void Add(WebApplicationBuilder builder, ServiceContext context)
    {
        var options = context.Run.Section<AgentSideOptions>();
        var worker = new WorkerId($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}");
        context.AddReachable(builder.Services, ServiceName.Gateway, ServiceName.DataPool);
        builder.Services
            .AddRemoteGateway(_ => context.Channels.To(ServiceName.Gateway))
            .AddRemoteDataPool(_ => context.Channels.To(ServiceName.DataPool))
            .AddWitnesses(context)
            .AddAgentSide(options, context.Seed, worker, context.Run.Section<ServicesOptions>().DrainTimeout / 2)
            .AddEvaluator(options, (provider, sink) => new GrpcEvaluationGateway(
                context.Channels.To(ServiceName.Gateway), sink,
                provider.GetRequiredService<WireOptions>(), provider.GetRequiredService<TimeProvider>()))
            .AddLoop("scheduler", (provider, stop) => provider.GetRequiredService<EpisodeScheduler>().RunAsync(stop));
    }

    public void Map(WebApplication app) => app.MapAgentSide();
}
