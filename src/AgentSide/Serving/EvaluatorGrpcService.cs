using Forge.Contracts.Mapping;
using Forge.Contracts.V1;
using Forge.Core.Ring;
using Grpc.Core;

namespace Forge.AgentSide.Serving;

/// <summary>Offers evaluations to the trainer of another process.</summary>
internal sealed class EvaluatorGrpcService(EvaluationDesk desk) : EvaluatorService.EvaluatorServiceBase
{
    public override async Task Evaluate(EvaluateRequest request, IServerStreamWriter<EvaluateResponse> responseStream, ServerCallContext context)
    {
        var report = await desk.AskAsync(
            request.Id, new PolicyVersion(request.Version), TimeSpan.FromTicks(request.WaitTicks), context.CancellationToken);
        foreach (var part in report?.ToWire() ?? [])
        {
            await responseStream.WriteAsync(part, context.CancellationToken);
        }
    }
}
