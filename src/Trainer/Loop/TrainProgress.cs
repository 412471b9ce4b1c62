using Forge.Core.Ring;

namespace Forge.Trainer.Loop;

/// <summary>Where a run stands after one step; for displays and logs.</summary>
/// <param name="Step">Optimizer steps made.</param>
/// <param name="Steps">Optimizer steps of the whole run.</param>
/// <param name="Episodes">Episodes trained on so far.</param>
/// <param name="TrainedTokens">Response tokens trained on so far.</param>
/// <param name="Elapsed">Training time so far.</param>
/// <param name="Metrics">The step's figures, by name.</param>
/// <param name="Evaluation">Set when this step was followed by an evaluation.</param>
public sealed record TrainProgress(
    long Step,
    long Steps,
    long Episodes,
    long TrainedTokens,
    TimeSpan Elapsed,
    IReadOnlyDictionary<string, double> Metrics,
    EvaluationReport? Evaluation);
