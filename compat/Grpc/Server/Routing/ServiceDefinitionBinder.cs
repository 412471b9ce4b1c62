using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Maps methods that come with their handlers.</summary>
internal sealed class ServiceDefinitionBinder(ServiceMap map) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        => map.Add(typeof(ServerServiceDefinition), method, [], Given(method, handler));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
        => map.Add(typeof(ServerServiceDefinition), method, [], Given(method, handler));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
        => map.Add(typeof(ServerServiceDefinition), method, [], Given(method, handler));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        => map.Add(typeof(ServerServiceDefinition), method, [], Given(method, handler));

    private static T Given<T>(IMethod method, T? handler)
        where T : class
        => handler ?? throw new ArgumentException($"The service definition has no handler for {method.FullName}.");
}
