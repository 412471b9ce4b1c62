using Forge.Hosting.Faults;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Services;

/// <summary>Lets a service answer gRPC calls the way all services do: bounded messages, faults by <see cref="StatusTable"/>.</summary>
internal static class ServiceCalls
{
    public static IServiceCollection AddCalls(this IServiceCollection services, ServiceHostParts parts)
    {
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = (int)Math.Min(parts.Security.MaxRequestBytes, int.MaxValue);
            options.Interceptors.Add<FaultServerInterceptor>();
        });
        return services;
    }
}
