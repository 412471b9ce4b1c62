namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks say how a gRPC service is.</summary>
public sealed class GrpcHealthChecksOptions
{
    public ServiceMappingCollection Services { get; } = new();
}
