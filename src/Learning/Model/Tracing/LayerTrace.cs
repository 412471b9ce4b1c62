// N rows, D model, E experts, C choices per row
using static TorchSharp.torch;

namespace Forge.Learning.Model.Tracing;

/// <summary>What one layer did; parts that were not asked for are null. All detached from the graph.</summary>
public sealed record LayerTrace
{
    public Tensor? AttentionOutput_ND { get; init; }

    public Tensor? MixtureOutput_ND { get; init; }

    /// <summary>The residual stream after the layer.</summary>
    public Tensor? Hidden_ND { get; init; }

    /// <summary>Before the sigmoid.</summary>
    public Tensor? RouterLogits_NE { get; init; }

    /// <summary>int64, ascending within a row.</summary>
    public Tensor? Choices_NC { get; init; }

    public Tensor? Weights_NC { get; init; }

    /// <summary>Rows per expert, each counted as often as its multiplicity; float64.</summary>
    public Tensor? Load_E { get; init; }
}
