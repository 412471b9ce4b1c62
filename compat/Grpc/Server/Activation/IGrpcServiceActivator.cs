namespace Grpc.AspNetCore.Server;

/// <summary>Makes the instance of a service that serves a call.</summary>
public interface IGrpcServiceActivator<TGrpcService>
    where TGrpcService : class
{
    GrpcActivatorHandle<TGrpcService> Create(IServiceProvider serviceProvider);

    ValueTask ReleaseAsync(GrpcActivatorHandle<TGrpcService> service);
}
