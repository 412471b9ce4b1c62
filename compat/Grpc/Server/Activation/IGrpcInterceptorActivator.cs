using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>Makes the instance of an interceptor that sees a call.</summary>
public interface IGrpcInterceptorActivator
{
    GrpcActivatorHandle<Interceptor> Create(IServiceProvider serviceProvider, InterceptorRegistration interceptorRegistration);

    ValueTask ReleaseAsync(GrpcActivatorHandle<Interceptor> interceptor);
}
