using Forge.DataPool;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>The data pool: calls nobody.</summary>
internal sealed class DataPoolProcess : IServiceProcess
{
    public void Add(WebApplicationBuilder builder, ServiceContext context)
        => builder.Services.AddDataPool(Path.Combine(context.RunDirectory, "pool.db"), context.Run.Section<DataPoolOptions>());

    public void Map(WebApplication app)
    {
        // A pool that can't be opened ends the process now rather than failing each call.
        _ = app.Services.GetRequiredService<DataPool.DataPool>();
        app.MapDataPool();
    }
}
