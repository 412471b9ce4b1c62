using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Takes the service from dependency injection where it is registered, else makes one per call and disposes it.</summary>
internal sealed class DefaultServiceActivator<TGrpcService> : IGrpcServiceActivator<TGrpcService>
    where TGrpcService : class
{
    private static readonly Lazy<ObjectFactory<TGrpcService>> Factory = new(static () => ActivatorUtilities.CreateFactory<TGrpcService>([]));

    public GrpcActivatorHandle<TGrpcService> Create(IServiceProvider serviceProvider)
        => serviceProvider.GetService<TGrpcService>() is { } registered
            ? new GrpcActivatorHandle<TGrpcService>(registered, created: false, state: null)
            : new GrpcActivatorHandle<TGrpcService>(Factory.Value(serviceProvider, []), created: true, state: null);

    public ValueTask ReleaseAsync(GrpcActivatorHandle<TGrpcService> service)
        => service.Created ? Release.Async(service.Instance) : ValueTask.CompletedTask;
}
