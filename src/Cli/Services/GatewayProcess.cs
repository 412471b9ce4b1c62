using Forge.Cli.Composition;
using Forge.Cli.History;
using Forge.Contracts;
using Forge.Gateway;
using Forge.Hosting.Services;
using Microsoft.AspNetCore.Builder;

namespace Forge.Cli.Services;

/// <summary>The gateway: asks the rollout engine, records in the data pool.</summary>
internal sealed class GatewayProcess : IServiceProcess
{
    public void Add(WebApplicationBuilder builder, ServiceContext context)
    {
        var policy = PolicyFolder.OpenFor(context.Run);
        var options = context.Run.Section<GatewayOptions>();
        context.AddReachable(builder.Services, ServiceName.Rollout, ServiceName.DataPool);
        builder.Services
            .AddRemoteRollout(_ => context.Channels.To(ServiceName.Rollout))
            .AddRemoteDataPool(_ => context.Channels.To(ServiceName.DataPool))
            .AddWitnesses(context)
            .AddGateway(options, policy.Tokenizer, policy.Format)
            .AddHttpFront(options.Http);
    }

    public void Map(WebApplication app) => app.MapGateway();
}
