using Grpc.AspNetCore.Server;
using Grpc.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ProtobufService = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers reflection over the services that the application maps.</summary>
public static class GrpcReflectionServiceExtensions
{
    public static IServiceCollection AddGrpcReflection(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddGrpc();
        services.TryAddSingleton(static provider => new ReflectionServiceImpl(MappedServices(provider)));
        services.TryAddSingleton(static provider => new ReflectionV1ServiceImpl(MappedServices(provider)));
        return services;
    }

    // Made at the first call, when all endpoints are there.
    private static ProtobufService[] MappedServices(IServiceProvider provider)
        => [.. provider.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
            .OfType<Type>()
            .Distinct()
            .Select(service => ServiceDescriber.GeneratedClass(service)?.GetProperty("Descriptor")?.GetValue(null))
            .OfType<ProtobufService>()
            .Distinct()];
}
