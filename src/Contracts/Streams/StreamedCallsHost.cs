using Forge.Hosting.Keys;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Streams;

/// <summary>Lets a service answer its calls over streams too.</summary>
public static class StreamedCallsHost
{
    /// <summary>
    /// Maps the stream for keys of the run. Each service comes with the binding that generated code has for it, such as
    /// <c>StreamedCallsHost.Of&lt;GatewayGrpcService&gt;(GatewayService.BindService)</c>.
    /// </summary>
    public static void MapStreamedCalls(this IEndpointRouteBuilder endpoints, params IEnumerable<Action<IServiceProvider, ServiceBinderBase>> services)
    {
        var methods = endpoints.ServiceProvider.GetRequiredService<StreamedMethods>();
        foreach (var bind in services)
        {
            bind(endpoints.ServiceProvider, methods);
        }

        endpoints.MapGrpcService<CallStreamGrpcService>().RequireScope(KeyLevel.Run);
    }

    /// <summary>Registers what <see cref="MapStreamedCalls"/> needs.</summary>
    public static IServiceCollection AddStreamedCalls(this IServiceCollection services) => services.AddSingleton<StreamedMethods>();

    /// <param name="bind">Generated code's.</param>
    public static Action<IServiceProvider, ServiceBinderBase> Of<TService>(Action<ServiceBinderBase, TService> bind)
        where TService : class
        => (provider, binder) => bind(binder, ActivatorUtilities.CreateInstance<TService>(provider));
}
