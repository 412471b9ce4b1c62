using Forge.Core.Tracing;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Forge.Hosting.Tracing;

/// <summary>Sends this process's spans to a collector: the ring's own, and those of its HTTP servers and clients, which carry the W3C context along.</summary>
public static class ServiceTracing
{
    /// <param name="options">Where to.</param>
    /// <param name="service">Who sends, such as <c>gateway</c>.</param>
    /// <param name="run">The run, which all its processes name alike.</param>
    /// <returns>Ends and flushes the export when it is disposed; null when nothing is exported.</returns>
    public static IDisposable? Start(TelemetryOptions options, string service, string run)
    {
        RingTrace.BelongsTo(run);
        if (options.OtlpEndpoint is not { } endpoint)
        {
            return null;
        }

        return Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService($"forge.{service}").AddAttributes([new("forge.run_id", run)]))
            .AddSource(RingTrace.SourceName, "Microsoft.AspNetCore", "System.Net.Http")
            .AddOtlpExporter(exporter => exporter.Endpoint = new Uri(endpoint))
            .Build();
    }
}
