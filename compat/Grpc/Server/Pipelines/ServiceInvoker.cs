using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Runs a method of a service on an instance that lives for the call.</summary>
internal sealed class ServiceInvoker<TService>(IGrpcServiceActivator<TService> activator)
    where TService : class
{
    internal Task<TResponse> InvokeAsync<TResponse>(ServerCallContext context, Func<TService, Task<TResponse>> method)
    {
        var handle = activator.Create(context.GetHttpContext().RequestServices);
        return handle.Created ? AndReleaseAsync(handle, method) : method(handle.Instance);
    }

    internal Task InvokeAsync(ServerCallContext context, Func<TService, Task> method)
    {
        var handle = activator.Create(context.GetHttpContext().RequestServices);
        return handle.Created ? AndReleaseAsync(handle, method) : method(handle.Instance);
    }

    private async Task<TResponse> AndReleaseAsync<TResponse>(GrpcActivatorHandle<TService> handle, Func<TService, Task<TResponse>> method)
    {
        try
        {
            return await method(handle.Instance).ConfigureAwait(false);
        }
        finally
        {
            await activator.ReleaseAsync(handle).ConfigureAwait(false);
        }
    }

    private async Task AndReleaseAsync(GrpcActivatorHandle<TService> handle, Func<TService, Task> method)
    {
        try
        {
            await method(handle.Instance).ConfigureAwait(false);
        }
        finally
        {
            await activator.ReleaseAsync(handle).ConfigureAwait(false);
        }
    }
}
