using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Hosting;

namespace Forge.Hosting.Health;

/// <summary>Offers grpc.health.v1: whether the service, or one of its gRPC services, serves. Like <c>/health</c>, it answers everyone and says one word.</summary>
internal sealed class HealthGrpcService(HealthBoard board, IHostApplicationLifetime lifetime) : Grpc.Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        await board.RefreshAsync(context.CancellationToken);
        return board.Read(request.Service).Status is { } status
            ? new HealthCheckResponse { Status = status }
            : throw new RpcException(new Status(StatusCode.NotFound, $"The service '{request.Service}' is not here."));
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        while (!context.CancellationToken.IsCancellationRequested)
        {
            var (status, changed) = board.Read(request.Service);
            await responseStream.WriteAsync(
                new HealthCheckResponse { Status = status ?? HealthCheckResponse.Types.ServingStatus.ServiceUnknown }, context.CancellationToken);
            await changed.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (lifetime.ApplicationStopping.IsCancellationRequested && !changed.IsCompleted)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "The service is ending."));
            }
        }
    }
}
