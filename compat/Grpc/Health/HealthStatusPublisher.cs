using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Tells watchers what the application's health checks found, at the period of <see cref="HealthCheckPublisherOptions"/>.</summary>
internal sealed class HealthStatusPublisher(HealthServiceImpl health, IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var (service, predicate) in options.Value.Services.All)
        {
            health.SetStatus(service, Resolve(report, predicate));
        }

        return Task.CompletedTask;
    }

    internal static ServingStatus Resolve(HealthReport report, Func<HealthCheckMapContext, bool> predicate)
        => report.Entries.Where(entry => predicate(new HealthCheckMapContext(entry.Key, entry.Value.Tags)))
            .Any(entry => entry.Value.Status == HealthStatus.Unhealthy)
            ? ServingStatus.NotServing
            : ServingStatus.Serving;
}
