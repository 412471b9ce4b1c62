using Microsoft.AspNetCore.Builder;

namespace Forge.Cli.Services;

/// <summary>Composes one service as a process of its own: the same application classes as in one process, with wire clients behind the other ports.</summary>
internal interface IServiceProcess
{
    /// <summary>Registers the service and what it calls.</summary>
    void Add(WebApplicationBuilder builder, ServiceContext context);

    /// <summary>Maps what others call.</summary>
    void Map(WebApplication app);
}
