// M edges of the chunk
using Forge.Learning.Model.Attention;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>What one chunk leaves.</summary>
/// <param name="LogProb_M">One per edge of the chunk; null when it has none.</param>
/// <param name="Entropy_M">Aligned with the log-probabilities.</param>
/// <param name="Kept">For every layer keys and values of the rows that later chunks see; empty when there are none.</param>
internal readonly record struct ChunkScores(Tensor? LogProb_M, Tensor? Entropy_M, IReadOnlyList<KeyValues> Kept);
