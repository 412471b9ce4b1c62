using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Forge.Hosting.Health;

/// <summary>What <c>/status</c> answers.</summary>
/// <param name="Service">Its name in run files.</param>
/// <param name="Run">The run that it serves.</param>
/// <param name="Phase">How far it is in its life.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Now">The service's clock.</param>
/// <param name="NotReady">Why it can't serve, by check; empty when it can.</param>
/// <param name="Parts">What its parts do.</param>
public sealed record ServiceStatus(
    string Service,
    string Run,
    ServicePhase Phase,
    int ProcessId,
    DateTimeOffset Now,
    IReadOnlyDictionary<string, string> NotReady,
    ImmutableArray<StatusReport> Parts)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };
}
