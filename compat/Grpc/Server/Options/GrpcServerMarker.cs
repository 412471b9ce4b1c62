using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>Shows that gRPC's server is registered, and remembers what was mapped once for a whole application.</summary>
internal sealed class GrpcServerMarker
{
    private readonly ConditionalWeakTable<ICollection<EndpointDataSource>, object> _mapped = [];

    /// <summary>True the first time, per set of endpoints.</summary>
    internal bool IsFirstIn(IEndpointRouteBuilder endpoints) => _mapped.TryAdd(endpoints.DataSources, this);
}
