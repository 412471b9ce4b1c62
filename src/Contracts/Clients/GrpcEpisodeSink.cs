using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>
/// Records in a data pool of another process. Both calls may be repeated, and are until the pool answers: what an agent did must not get lost
/// because the pool started again. Completions that come while a call is under way share the next one.
/// </summary>
public sealed class GrpcEpisodeSink : IEpisodeSink
{
    // Far below the largest request that a service takes, and as many as the pool's stores commit at once.
    private static readonly GatherLimits Limits = new(Items: 256, Bytes: 4 << 20);

    private readonly Wire.EpisodeSinkService.EpisodeSinkServiceClient _client;
    private readonly WireCalls _calls;
    private readonly CallGatherer<Wire.Completion, Wire.Receipt> _records;

    public GrpcEpisodeSink(CallInvoker invoker, WireOptions options, TimeProvider time)
    {
        _client = new(invoker);
        _calls = new("The data pool", options, time);
        _records = new(SendAsync, Limits);
    }

    public async Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken)
    {
        var wire = completion.ToWire();
        var receipt = await _records.SendAsync(wire, wire.CalculateSize(), cancellationToken);
        return WireFields.Member<Receipt>((int)receipt, $"the receipt of completion {completion.Id}");
    }

    public async Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken)
    {
        var request = new Wire.FinishRequest { Result = result.ToWire() };
        var response = await _calls.RepeatAsync(call => _client.FinishAsync(request, call), cancellationToken);
        return WireFields.Member<Receipt>((int)response.Receipt, $"the receipt of episode {result.Episode}");
    }

    private async Task<IReadOnlyList<Wire.Receipt>> SendAsync(IReadOnlyList<Wire.Completion> completions, CancellationToken cancellationToken)
    {
        var request = new Wire.RecordRequest { Completions = { completions } };
        return (await _calls.RepeatAsync(call => _client.RecordAsync(request, call), cancellationToken)).Receipts;
    }
}
