using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grpc.Tests.Echo;

/// <summary>What a test changes about the server.</summary>
internal sealed class EchoServerOptions
{
    public string? UnixSocket { get; init; }

    public Action<ListenOptions> Listen { get; init; } = _ => { };

    public Action<GrpcServiceOptions> Grpc { get; init; } = _ => { };

    public Action<IServiceCollection> Services { get; init; } = _ => { };

    public Action<WebApplication> Application { get; init; } = _ => { };

    public Action<GrpcServiceEndpointConventionBuilder> Mapped { get; init; } = _ => { };
}
