using Forge.Contracts.Mapping;
using Forge.Contracts.V1;
using Forge.Core.Ports;
using Grpc.Core;
using Receipt = Forge.Contracts.V1.Receipt;

namespace Forge.DataPool.Serving;

/// <summary>Offers the episode sink to other processes.</summary>
internal sealed class EpisodeSinkGrpcService(IEpisodeSink sink) : EpisodeSinkService.EpisodeSinkServiceBase
{
    public override async Task<RecordResponse> Record(RecordRequest request, ServerCallContext context)
        => new() { Receipt = (Receipt)await sink.RecordAsync(request.Completion.ToCore(), context.CancellationToken) };

    public override async Task<FinishResponse> Finish(FinishRequest request, ServerCallContext context)
        => new() { Receipt = (Receipt)await sink.FinishAsync(request.Result.ToCore(), context.CancellationToken) };
}
