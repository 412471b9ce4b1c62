using System.ComponentModel.DataAnnotations;

namespace Forge.Trainer.Supervised;

/// <summary>How a policy is trained from demonstrations. Section <c>sft</c>; learning rate, clipping and the rest are the trainer's.</summary>
public sealed class SftOptions
{
    /// <summary>Token rows per optimizer step, at least; the last demonstration is never cut.</summary>
    [Range(1, 100_000_000)]
    public int BatchTokens { get; init; } = 8192;
}
