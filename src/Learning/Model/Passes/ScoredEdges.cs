using System.Collections.Immutable;

namespace Forge.Learning.Model.Passes;

/// <summary>The predictions that a pass is asked for.</summary>
/// <param name="Rows">The row that predicts each target; never falling.</param>
/// <param name="Targets">The predicted token ids.</param>
/// <param name="Temperature">The temperature at which the tokens were drawn; positive.</param>
/// <param name="EntropyGradient">Whether a loss is taken on the entropies.</param>
public sealed record ScoredEdges(ImmutableArray<int> Rows, ImmutableArray<int> Targets, double Temperature, bool EntropyGradient = false);
