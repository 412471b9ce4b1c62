using Forge.DataPool;
using Forge.Hosting.Local;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>The data pool: calls nobody.</summary>
internal sealed class DataPoolProcess : IServiceProcess
{
    public void Add(WebApplicationBuilder builder, ServiceContext context)
    {
        var options = context.Run.Section<DataPoolOptions>();
        builder.Services.AddDataPool(Path.Combine(context.RunDirectory, "pool.db"), options);
        if (Redis(options, context.RunDirectory) is { } redis)
        {
            builder.Services.AddRedisMirror(redis, Path.GetFileName(context.RunDirectory.TrimEnd(Path.DirectorySeparatorChar)));
        }
    }

    public void Map(WebApplication app)
    {
        // A pool that can't be opened ends the process now rather than failing each call.
        _ = app.Services.GetRequiredService<DataPool.DataPool>();
        app.MapDataPool();
    }

    // The run's own server, when the supervisor started one below the run's folder.
    private static string? Redis(DataPoolOptions options, string runDirectory)
    {
        var own = new LocalRedis(Path.Combine(runDirectory, "redis"), TimeProvider.System);
        return options.Redis ?? (own.ProcessId is null ? null : own.ConnectionString);
    }
}
