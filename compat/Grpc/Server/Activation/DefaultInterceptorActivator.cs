using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Takes the interceptor from dependency injection where it is registered without arguments, else makes one per call and disposes it.</summary>
internal sealed class DefaultInterceptorActivator<TInterceptor> : IGrpcInterceptorActivator<TInterceptor>
    where TInterceptor : Interceptor
{
    public GrpcActivatorHandle<Interceptor> Create(IServiceProvider serviceProvider, InterceptorRegistration interceptorRegistration)
    {
        var arguments = interceptorRegistration.Arguments;
        if (arguments.Count == 0 && serviceProvider.GetService<TInterceptor>() is { } registered)
        {
            return new GrpcActivatorHandle<Interceptor>(registered, created: false, state: null);
        }

        return new GrpcActivatorHandle<Interceptor>(
            ActivatorUtilities.CreateInstance<TInterceptor>(serviceProvider, [.. arguments]), created: true, state: null);
    }

    public ValueTask ReleaseAsync(GrpcActivatorHandle<Interceptor> interceptor)
        => interceptor.Created ? Release.Async(interceptor.Instance) : ValueTask.CompletedTask;
}
