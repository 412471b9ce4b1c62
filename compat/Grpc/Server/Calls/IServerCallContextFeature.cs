using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The gRPC side of an HTTP request, for middleware.</summary>
public interface IServerCallContextFeature
{
    ServerCallContext ServerCallContext { get; }
}
