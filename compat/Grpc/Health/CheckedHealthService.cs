using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>grpc.health.v1 over the application's health checks: Check runs them, Watch tells what was published.</summary>
internal sealed class CheckedHealthService(HealthCheckService checks, HealthServiceImpl published, IOptions<GrpcHealthChecksOptions> options)
    : Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (!options.Value.Services.All.TryGetValue(request.Service, out var predicate))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"The service '{request.Service}' has no health status here."));
        }

        var report = await checks.CheckHealthAsync(
            check => predicate(new HealthCheckMapContext(check.Name, check.Tags)), context.CancellationToken).ConfigureAwait(false);
        var status = HealthStatusPublisher.Resolve(report, static _ => true);
        published.SetStatus(request.Service, status);
        return new HealthCheckResponse { Status = status };
    }

    public override Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
        => published.Watch(request, responseStream, context);
}
