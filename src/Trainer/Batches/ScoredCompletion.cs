using Forge.Core.Ring;

namespace Forge.Trainer.Batches;

/// <summary>One completion with the credit that its episode and its group gave it.</summary>
/// <param name="Completion">The sample.</param>
/// <param name="Chain">Numbers the episode within the batch; completions of one episode stand together in turn order.</param>
/// <param name="GroupIndex">Numbers the group within the batch.</param>
/// <param name="Return">Reward-to-go from this completion on.</param>
/// <param name="Advantage">Return minus baseline; every response token of the completion gets it.</param>
public sealed record ScoredCompletion(Completion Completion, int Chain, int GroupIndex, double Return, double Advantage);
