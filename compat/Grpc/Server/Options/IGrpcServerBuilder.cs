using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Where more of gRPC's server is registered.</summary>
public interface IGrpcServerBuilder
{
    IServiceCollection Services { get; }
}
