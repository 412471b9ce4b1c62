using System.Reflection;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Maps the methods of a service's type: each call gets an instance.</summary>
internal sealed class ServiceTypeBinder<TService>(ServiceMap map, IServiceProvider services) : ServiceBinderBase
    where TService : class
{
    private readonly ServiceInvoker<TService> _invoker = new(services.GetRequiredService<IGrpcServiceActivator<TService>>());

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, [typeof(TRequest), typeof(ServerCallContext)]);
        var run = found.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>();
        map.Add(typeof(TService), method, Attributes(found), (UnaryServerMethod<TRequest, TResponse>)((request, context)
            => _invoker.InvokeAsync(context, service => run(service, request, context))));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, [typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext)]);
        var run = found.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>();
        map.Add(typeof(TService), method, Attributes(found), (ClientStreamingServerMethod<TRequest, TResponse>)((requests, context)
            => _invoker.InvokeAsync(context, service => run(service, requests, context))));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, [typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext)]);
        var run = found.CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        map.Add(typeof(TService), method, Attributes(found), (ServerStreamingServerMethod<TRequest, TResponse>)((request, responses, context)
            => _invoker.InvokeAsync(context, service => run(service, request, responses, context))));
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var found = Find(method, [typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext)]);
        var run = found.CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        map.Add(typeof(TService), method, Attributes(found), (DuplexStreamingServerMethod<TRequest, TResponse>)((requests, responses, context)
            => _invoker.InvokeAsync(context, service => run(service, requests, responses, context))));
    }

    private static MethodInfo Find(IMethod method, Type[] parameters)
        => typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{typeof(TService)} has no public method {method.Name} for {method.FullName}.");

    private static object[] Attributes(MethodInfo method)
        => [.. typeof(TService).GetCustomAttributes(inherit: true), .. method.GetCustomAttributes(inherit: true)];
}
