using Forge.Core.Ring;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps requests to the rollout engine.</summary>
public static class GenerationMapping
{
    public static Wire.GenerateRequest ToWire(this GenerationRequest request)
    {
        var wire = new Wire.GenerateRequest
        {
            Id = request.Id.Value,
            Session = request.Session.Value,
            Turn = request.Turn,
            PromptIds = { request.PromptIds },
            SharedPrefixLength = request.SharedPrefixLength,
            Sampling = request.Sampling.ToWire(),
        };
        if (request.Patience is { } patience)
        {
            wire.PatienceTicks = patience.Ticks;
        }

        return wire;
    }

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static GenerationRequest ToCore(this Wire.GenerateRequest wire) => new()
    {
        Id = new CompletionId(wire.Id),
        Session = new EpisodeId(wire.Session),
        Turn = wire.Turn,
        PromptIds = wire.PromptIds.ToImmutable(),
        SharedPrefixLength = wire.SharedPrefixLength,
        Sampling = WireFields.Required(wire.Sampling, $"sampling of request {wire.Id}").ToCore(),
        Patience = wire.HasPatienceTicks ? TimeSpan.FromTicks(wire.PatienceTicks) : null,
    };
}
