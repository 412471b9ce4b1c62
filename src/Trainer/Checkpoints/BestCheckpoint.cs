using System.Text.Json.Serialization;

namespace Forge.Trainer.Checkpoints;

/// <summary>The step that scored best so far, higher being better.</summary>
public sealed record BestCheckpoint(
    [property: JsonPropertyName("step")] long Step,
    [property: JsonPropertyName("score")] double Score);
