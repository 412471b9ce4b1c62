namespace Grpc.AspNetCore.Server;

/// <summary>What a server may set for one service; what is not set here comes from the options for all.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class
{
    public GrpcServiceOptions()
    {
    }
}
