using Forge.Cli.Composition;
using Forge.Rollout;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>The rollout engine: calls nobody; its weights come from the trainer.</summary>
internal sealed class RolloutProcess : IServiceProcess
{
    public void Add(WebApplicationBuilder builder, ServiceContext context)
        => builder.AddRollout(context.Run.Section<RolloutOptions>(), PolicyFolder.OpenFor(context.Run).Config);

    public void Map(WebApplication app)
    {
        // Loads what the engine needs before anybody waits for it.
        _ = app.Services.GetRequiredService<RolloutEngine>();
        app.MapRollout();
    }
}
