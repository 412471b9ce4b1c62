using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Asks a rollout engine of another process for tokens.</summary>
public sealed class GrpcGenerator(CallInvoker invoker, WireOptions options, TimeProvider time) : IGenerator
{
    // An engine that works until the caller's patience is over needs a moment to say so; beyond it, asking again makes no sense.
    private static readonly TimeSpan PastPatience = TimeSpan.FromSeconds(2);

    private readonly Wire.RolloutService.RolloutServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The rollout engine", options, time);

    public async Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var wire = request.ToWire();
        var timeout = request.Patience + PastPatience is { } limit && limit < options.GenerationTimeout ? limit : options.GenerationTimeout;
        var answer = await _calls.UnaryAsync(call => _client.GenerateAsync(wire, call), timeout, cancellationToken);
        return WireFields.Required(answer.Completion, $"completion for request {request.Id}").ToCore();
    }

    /// <inheritdoc/>
    /// <remarks>Does not wait: the engine evicts idle sessions by itself.</remarks>
    public void EndSession(EpisodeId session) => _calls.Post(call => _client.FreeSessionAsync(new Wire.FreeSessionRequest { Session = session.Value }, call));
}
