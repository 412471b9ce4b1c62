using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>An interceptor of a server: its type, and the constructor arguments that dependency injection does not give.</summary>
public class InterceptorRegistration
{
    private readonly object[] _arguments;
    private IGrpcInterceptorActivator? _activator;

    internal InterceptorRegistration(Type type, object[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Type = type;
        _arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<object> Arguments => _arguments;

    internal GrpcActivatorHandle<Interceptor> Create(IServiceProvider services) => Activator(services).Create(services, this);

    internal ValueTask ReleaseAsync(GrpcActivatorHandle<Interceptor> handle) => _activator!.ReleaseAsync(handle);

    private IGrpcInterceptorActivator Activator(IServiceProvider services)
        => _activator ??= (IGrpcInterceptorActivator)services.GetService(typeof(IGrpcInterceptorActivator<>).MakeGenericType(Type))!;
}
