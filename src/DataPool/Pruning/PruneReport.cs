using Forge.Core.Ring;

namespace Forge.DataPool.Pruning;

/// <summary>What a prune takes away.</summary>
/// <param name="Last">The last step whose groups lose their tokens.</param>
/// <param name="Completions">How many lose them; those that were pruned before are not counted.</param>
/// <param name="Bytes">Of their tokens, log-probabilities and routing.</param>
public sealed record PruneReport(PolicyVersion Last, long Completions, long Bytes);
