using Forge.Contracts.Mapping;
using Forge.Core.Chat;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Talks to a gateway of another process.</summary>
public sealed class GrpcChatGateway(CallInvoker invoker, WireOptions options, TimeProvider time) : IChatGateway
{
    private readonly Wire.GatewayService.GatewayServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The gateway", options, time);

    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var wire = new Wire.CompleteRequest { Chat = request.ToWire() };
        var answer = await _calls.UnaryAsync(call => _client.CompleteAsync(wire, call), options.GenerationTimeout, cancellationToken);
        return WireFields.Required(answer.Reply, "reply").ToCore();
    }

    /// <inheritdoc/>
    /// <remarks>Does not wait: a session that stays costs memory only.</remarks>
    public void EndSession(EpisodeId episode) => _calls.Post(call => _client.EndSessionAsync(new Wire.EndSessionRequest { Episode = episode.Value }, call));
}
