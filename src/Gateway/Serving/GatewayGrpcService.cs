using Forge.Contracts.Mapping;
using Forge.Contracts.V1;
using Forge.Core.Ring;
using Forge.Hosting.Keys;
using Grpc.Core;

namespace Forge.Gateway.Serving;

/// <summary>Offers the gateway to the agent sides of other processes.</summary>
internal sealed class GatewayGrpcService(ServedGateways gateways) : GatewayService.GatewayServiceBase
{
    public override async Task<CompleteResponse> Complete(CompleteRequest request, ServerCallContext context)
    {
        context.RequireEpisode(request.Chat.Episode);
        return new CompleteResponse { Reply = (await gateways.Training.CompleteAsync(request.Chat.ToCore(), context.CancellationToken)).ToWire() };
    }

    public override async Task<CompleteEvaluationResponse> CompleteEvaluation(CompleteEvaluationRequest request, ServerCallContext context)
    {
        context.RequireEpisode(request.Chat.Episode);
        var reply = await gateways.Evaluation.CompleteAsync(request.Chat.ToCore(), context.CancellationToken);
        return new CompleteEvaluationResponse { Reply = reply.ToWire(), Completion = gateways.Captured.Take(reply.Completion)?.ToWire() };
    }

    public override Task<EndSessionResponse> EndSession(EndSessionRequest request, ServerCallContext context)
    {
        context.RequireEpisode(request.Episode);
        gateways.EndSession(new EpisodeId(request.Episode));
        return Task.FromResult(new EndSessionResponse());
    }

    public override Task<ReadStatisticsResponse> ReadStatistics(ReadStatisticsRequest request, ServerCallContext context)
    {
        context.RequireRun();
        return Task.FromResult(new ReadStatisticsResponse { Figures = { gateways.Training.Statistics.ToMetrics().ToDictionary() } });
    }
}
