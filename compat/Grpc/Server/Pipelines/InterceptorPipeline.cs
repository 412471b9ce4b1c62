using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>Puts interceptors before a handler, once per method; the first registered sees a call first. Instances live for one call.</summary>
internal static class InterceptorPipeline
{
    internal static UnaryServerMethod<TRequest, TResponse> Wrap<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> registrations, UnaryServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => registrations.Reverse().Aggregate(handler, static (next, registration) => (request, context)
            => RunAsync(registration, context, interceptor => interceptor.UnaryServerHandler(request, context, next)));

    internal static ClientStreamingServerMethod<TRequest, TResponse> Wrap<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> registrations, ClientStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => registrations.Reverse().Aggregate(handler, static (next, registration) => (requests, context)
            => RunAsync(registration, context, interceptor => interceptor.ClientStreamingServerHandler(requests, context, next)));

    internal static ServerStreamingServerMethod<TRequest, TResponse> Wrap<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> registrations, ServerStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => registrations.Reverse().Aggregate(handler, static (next, registration) => (request, responses, context)
            => RunAsync(registration, context, interceptor => interceptor.ServerStreamingServerHandler(request, responses, context, next)));

    internal static DuplexStreamingServerMethod<TRequest, TResponse> Wrap<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> registrations, DuplexStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => registrations.Reverse().Aggregate(handler, static (next, registration) => (requests, responses, context)
            => RunAsync(registration, context, interceptor => interceptor.DuplexStreamingServerHandler(requests, responses, context, next)));

    private static async Task<T> RunAsync<T>(InterceptorRegistration registration, ServerCallContext context, Func<Interceptor, Task<T>> run)
    {
        var handle = registration.Create(context.GetHttpContext().RequestServices);
        try
        {
            return await run(handle.Instance).ConfigureAwait(false);
        }
        finally
        {
            await registration.ReleaseAsync(handle).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(InterceptorRegistration registration, ServerCallContext context, Func<Interceptor, Task> run)
    {
        var handle = registration.Create(context.GetHttpContext().RequestServices);
        try
        {
            await run(handle.Instance).ConfigureAwait(false);
        }
        finally
        {
            await registration.ReleaseAsync(handle).ConfigureAwait(false);
        }
    }
}
