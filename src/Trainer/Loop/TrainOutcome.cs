using Forge.Core.Ring;

namespace Forge.Trainer.Loop;

/// <summary>What a run did, for its summary.</summary>
/// <param name="Before">Held-out success of the starting policy; null when the run was resumed after it had been measured.</param>
/// <param name="After">Held-out success of the last policy; null when the run was stopped early.</param>
/// <param name="Steps">Optimizer steps made.</param>
/// <param name="Episodes">Episodes trained on.</param>
/// <param name="TrainedTokens">Response tokens trained on.</param>
/// <param name="Elapsed">Training time.</param>
/// <param name="Checkpoint">The last checkpoint's folder.</param>
/// <param name="Ended">Why it ended.</param>
public sealed record TrainOutcome(
    EvaluationReport? Before,
    EvaluationReport? After,
    long Steps,
    long Episodes,
    long TrainedTokens,
    TimeSpan Elapsed,
    string? Checkpoint,
    TrainEnd Ended);
