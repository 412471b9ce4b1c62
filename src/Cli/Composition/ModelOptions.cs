using System.ComponentModel.DataAnnotations;

namespace Forge.Cli.Composition;

/// <summary>Which policy a run starts from, and where and how precisely the trainer computes. Section <c>model</c>.</summary>
internal sealed class ModelOptions
{
    /// <summary>A checkpoint folder in the public layout: config.json, safetensors, tokenizer.json.</summary>
    public string Checkpoint { get; init; } = "models/base";

    /// <summary>Where the trainer computes.</summary>
    [AllowedValues("cpu", "cuda")]
    public string Device { get; init; } = "cpu";

    /// <summary>The trainer's precision; bfloat16 keeps fp32 master weights and moments.</summary>
    [AllowedValues("float32", "bfloat16", "float64")]
    public string Dtype { get; init; } = "float32";

    /// <summary>The shape of a fresh policy; only <c>forge sft</c> makes one.</summary>
    public ArchitectureOptions Architecture { get; init; } = new();
}
