namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Services by name, each with the health checks that count for it. The empty name, with all checks, is there from the start.</summary>
public sealed class ServiceMappingCollection
{
    private readonly Dictionary<string, Func<HealthCheckMapContext, bool>> _services = new(StringComparer.Ordinal) { [""] = static _ => true };

    internal ServiceMappingCollection()
    {
    }

    internal IReadOnlyDictionary<string, Func<HealthCheckMapContext, bool>> All => _services;

    public void Map(string name, Func<HealthCheckMapContext, bool> predicate) => _services[name] = predicate;
}
