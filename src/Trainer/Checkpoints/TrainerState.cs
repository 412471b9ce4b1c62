using System.Text.Json.Serialization;

namespace Forge.Trainer.Checkpoints;

/// <summary>What a resumed run must know beside weights and optimizer state.</summary>
/// <param name="Step">Optimizer steps made.</param>
/// <param name="Version">The policy version that these weights are.</param>
/// <param name="TrainedGroups">Dispatch indices that the last step trained on: acknowledged again on resume, should the crash have come before the pool knew.</param>
/// <param name="Episodes">Episodes trained on so far.</param>
/// <param name="TrainedTokens">Response tokens trained on so far.</param>
/// <param name="Elapsed">Training time so far, without pauses between resumes.</param>
public sealed record TrainerState(
    [property: JsonPropertyName("step")] long Step,
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("trained_groups")] IReadOnlyList<long> TrainedGroups,
    [property: JsonPropertyName("episodes")] long Episodes,
    [property: JsonPropertyName("trained_tokens")] long TrainedTokens,
    [property: JsonPropertyName("elapsed")] TimeSpan Elapsed)
{
    public static TrainerState Start { get; } = new(0, 0, [], 0, 0, TimeSpan.Zero);
}
