using Forge.Contracts.Mapping;
using Forge.Contracts.V1;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Forge.DataPool.Serving;

/// <summary>Offers the dispatcher to the agent sides of other processes.</summary>
internal sealed class GroupDispatcherGrpcService(IGroupDispatcher dispatcher, IHostApplicationLifetime lifetime, TimeProvider time)
    : GroupDispatcherService.GroupDispatcherServiceBase
{
    public override async Task<DispatchResponse> Dispatch(Contracts.V1.DispatchRequest request, ServerCallContext context)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromTicks(request.WaitTicks), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            patience.Token, context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            return (await dispatcher.DispatchAsync(request.ToCore(), either.Token)).ToWire();
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return new DispatchResponse { Next = request.Next };
        }
    }

    public override async Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context)
        => new() { Lost = { await dispatcher.RenewAsync(new WorkerId(request.Worker), [.. request.Leases], context.CancellationToken) } };

    public override async Task<ReleaseResponse> Release(ReleaseRequest request, ServerCallContext context)
    {
        await dispatcher.ReleaseAsync(new WorkerId(request.Worker), [.. request.Leases], context.CancellationToken);
        return new ReleaseResponse();
    }
}
