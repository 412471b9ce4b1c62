using Forge.Contracts.Mapping;
using Forge.Contracts.V1;
using Forge.Core.Ring;
using Grpc.Core;

namespace Forge.Rollout.Serving;

/// <summary>Offers the engine to the gateways of other processes.</summary>
internal sealed class RolloutGrpcService(RolloutEngine engine, WeightsDesk weights) : RolloutService.RolloutServiceBase
{
    public override async Task<GenerateResponse> Generate(GenerateRequest request, ServerCallContext context)
        => new() { Completion = (await engine.GenerateAsync(request.ToCore(), context.CancellationToken)).ToWire() };

    public override Task<FreeSessionResponse> FreeSession(FreeSessionRequest request, ServerCallContext context)
    {
        engine.EndSession(new EpisodeId(request.Session));
        return Task.FromResult(new FreeSessionResponse());
    }

    public override Task<ReadStatusResponse> ReadStatus(ReadStatusRequest request, ServerCallContext context)
    {
        var status = engine.Status;
        return Task.FromResult(new ReadStatusResponse
        {
            Version = weights.Version?.Value ?? -1,
            Running = status.Running,
            Waiting = status.Waiting,
            IdleSessions = status.IdleSessions,
            Completed = status.Completed,
            Cancelled = status.Cancelled,
            PromptTokens = status.PromptTokens,
            CacheHitTokens = status.CacheHitTokens,
            PrefillTokens = status.PrefillTokens,
            GeneratedTokens = status.GeneratedTokens,
            Evictions = status.Evictions,
            Steps = status.Steps,
            BusyTicks = status.Busy.Ticks,
            IdleTicks = status.Idle.Ticks,
        });
    }
}
