using Forge.Contracts.Mapping;
using Forge.Contracts.V1;
using Forge.Core.Ring;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Forge.DataPool.Serving;

/// <summary>Offers the batch source to the trainer of another process.</summary>
internal sealed class BatchSourceGrpcService(TakeDesk desk, IHostApplicationLifetime lifetime) : BatchSourceService.BatchSourceServiceBase
{
    public override async Task<TakeResponse> Take(TakeRequest request, ServerCallContext context)
    {
        // A pool that ends does not wait for who waits for it.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var answer = await desk.TakeAsync(request.Session, request.Sequence, TimeSpan.FromTicks(request.WaitTicks), end.Token);
        return new TakeResponse { Group = answer.Group?.ToWire(), SessionUnknown = answer.SessionUnknown, Status = desk.Source.ToWireStatus() };
    }

    public override async Task<SkipResponse> Skip(SkipRequest request, ServerCallContext context)
    {
        var known = await desk.TrySkipAsync(request.Session, new GroupId(request.Group), request.Reason, context.CancellationToken);
        return new SkipResponse { SessionUnknown = !known, Status = desk.Source.ToWireStatus() };
    }

    public override async Task<AcknowledgeResponse> Acknowledge(AcknowledgeRequest request, ServerCallContext context)
    {
        await desk.Source.AcknowledgeAsync(
            [.. request.Groups.Select(group => new GroupId(group))], new PolicyVersion(request.Published), context.CancellationToken);
        return new AcknowledgeResponse { Status = desk.Source.ToWireStatus() };
    }

    public override Task<ResumeResponse> Resume(ResumeRequest request, ServerCallContext context)
    {
        desk.Resume(request.Session, [.. request.Held.Select(group => new GroupId(group))]);
        return Task.FromResult(new ResumeResponse { Status = desk.Source.ToWireStatus() });
    }

    public override async Task<RecoverResponse> Recover(RecoverRequest request, ServerCallContext context)
    {
        await desk.RecoverAsync(request.Session, new PolicyVersion(request.Version), context.CancellationToken);
        return new RecoverResponse { Status = desk.Source.ToWireStatus() };
    }
}
