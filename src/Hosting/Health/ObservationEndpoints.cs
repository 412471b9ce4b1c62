using Forge.Hosting.Keys;
using Forge.Hosting.Metering;
using Forge.Hosting.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Health;

/// <summary>Maps what operators and probes ask of every service. Health and readiness answer everyone, and say no more than a word.</summary>
internal static class ObservationEndpoints
{
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health", () => TypedResults.Text("ok\n")).AllowAnonymous();
        endpoints.MapGet("/ready", (Delegate)ReadyAsync).AllowAnonymous();
        endpoints.MapGrpcService<HealthGrpcService>().AllowAnonymous();
        endpoints.MapGet("/metrics", (MeterReadings readings) => TypedResults.Text(PrometheusText.Of(readings.Collect()), PrometheusText.ContentType))
            .RequireScope(KeyLevel.Run);
        endpoints.MapGet("/status", StatusAsync).RequireScope(KeyLevel.Run);
    }

    /// <summary>Asks every check; the reasons why the service can't serve, by name.</summary>
    internal static async Task<SortedDictionary<string, string>> ReasonsAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var reasons = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var state = services.GetRequiredService<ServiceState>();
        if (state.Phase != ServicePhase.Ready)
        {
            reasons["phase"] = state.Phase.ToString().ToLowerInvariant();
        }

        using var limit = new CancellationTokenSource(CheckLimit, services.GetRequiredService<TimeProvider>());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        foreach (var check in services.GetServices<IReadinessCheck>())
        {
            try
            {
                if (await check.ReasonAsync(either.Token).AsTask().WaitAsync(either.Token) is { } reason)
                {
                    reasons[check.Name] = reason;
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                reasons[check.Name] = $"no answer within {CheckLimit.TotalSeconds} s";
            }
        }

        return reasons;
    }

    private static async Task<IResult> ReadyAsync(HttpContext context)
    {
        var reasons = await ReasonsAsync(context.RequestServices, context.RequestAborted);
        return reasons.Count == 0
            ? TypedResults.Text("ready\n")
            : TypedResults.Text($"not ready: {string.Join(", ", reasons.Keys)}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> StatusAsync(HttpContext context, ServiceHostParts parts, ServiceState state)
    {
        var status = new ServiceStatus(
            ServiceNames.Of(parts.Name), parts.Run, state.Phase, Environment.ProcessId, parts.Time.GetUtcNow(),
            await ReasonsAsync(context.RequestServices, context.RequestAborted),
            [.. context.RequestServices.GetServices<IStatusSource>().Select(source => source.Report())]);
        return TypedResults.Json(status, ServiceStatus.Json);
    }
}
