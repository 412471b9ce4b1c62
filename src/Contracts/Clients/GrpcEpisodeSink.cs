using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>
/// Records in a data pool of another process. Both calls may be repeated, and are until the pool answers: what an agent did must not get lost
/// because the pool started again.
/// </summary>
public sealed class GrpcEpisodeSink(CallInvoker invoker, WireOptions options, TimeProvider time) : IEpisodeSink
{
    private readonly Wire.EpisodeSinkService.EpisodeSinkServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The data pool", options, time);

    public async Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        var request = new Wire.RecordRequest { Completion = completion.ToWire() };
        var response = await _calls.RepeatAsync(call => _client.RecordAsync(request, call), cancellationToken);
        return WireFields.Member<Receipt>((int)response.Receipt, $"the receipt of completion {completion.Id}");
    }

    public async Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        var request = new Wire.FinishRequest { Result = result.ToWire() };
        var response = await _calls.RepeatAsync(call => _client.FinishAsync(request, call), cancellationToken);
        return WireFields.Member<Receipt>((int)response.Receipt, $"the receipt of episode {result.Episode}");
    }
}
