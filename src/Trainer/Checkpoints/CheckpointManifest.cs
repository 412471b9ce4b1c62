using System.Text.Json.Serialization;

namespace Forge.Trainer.Checkpoints;

/// <summary>Says what a checkpoint folder holds; written last, so a folder without a matching one is not a checkpoint.</summary>
/// <param name="Step">Optimizer steps behind the weights.</param>
/// <param name="Files">SHA-256 of every file, in lower-case hexadecimal, by name.</param>
public sealed record CheckpointManifest(
    [property: JsonPropertyName("step")] long Step,
    [property: JsonPropertyName("sha256")] IReadOnlyDictionary<string, string> Files);
