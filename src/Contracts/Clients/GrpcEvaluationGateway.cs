using Forge.Contracts.Mapping;
using Forge.Core.Chat;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Talks to a gateway of another process while evaluating: what is generated comes back and goes into a sink of this side.</summary>
public sealed class GrpcEvaluationGateway(CallInvoker invoker, IEpisodeSink sink, WireOptions options, TimeProvider time) : IChatGateway
{
    private readonly Wire.GatewayService.GatewayServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The gateway", options, time);

    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var wire = new Wire.CompleteEvaluationRequest { Chat = request.ToWire() };
        var answer = await _calls.UnaryAsync(call => _client.CompleteEvaluationAsync(wire, call), options.GenerationTimeout, cancellationToken);
        if (answer.Completion is { } completion)
        {
            await sink.RecordAsync(completion.ToCore(), cancellationToken);
        }

        return WireFields.Required(answer.Reply, "reply").ToCore();
    }

    public void EndSession(EpisodeId episode) => _calls.Post(call => _client.EndSessionAsync(new Wire.EndSessionRequest { Episode = episode.Value }, call));
}
