using Forge.DataPool;
using Microsoft.AspNetCore.Builder;

namespace Forge.Cli.Services;

/// <summary>The data pool: calls nobody.</summary>
internal sealed class DataPoolProcess : IServiceProcess
{
    public void Add(WebApplicationBuilder builder, ServiceContext context)
        => builder.Services.AddDataPool(Path.Combine(context.RunDirectory, "pool.db"), context.Run.Section<DataPoolOptions>());

    public void Map(WebApplication app) => app.MapDataPool();
}
