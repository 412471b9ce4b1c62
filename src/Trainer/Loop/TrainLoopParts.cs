using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Learning.Model;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Steps;

namespace Forge.Trainer.Loop;

/// <summary>What a <see cref="TrainLoop"/> works with and on.</summary>
public sealed record TrainLoopParts
{
    public required MiniMaxM2ForCausalLM Model { get; init; }

    public required PolicyOptimizer Optimizer { get; init; }

    public required IBatchSource Source { get; init; }

    /// <summary>B: groups per optimizer step.</summary>
    public required int GroupsPerBatch { get; init; }

    /// <summary>Takes every new policy; null publishes nowhere.</summary>
    public required IPolicySink? Policy { get; init; }

    /// <summary>Measures the policy now and then; null never does.</summary>
    public required IPolicyEvaluator? Evaluator { get; init; }

    /// <summary>
    /// Replay: groups of each recorded step, the first one's first; the run ends with the last. Null makes steps of
    /// <see cref="GroupsPerBatch"/> for as long as the options say.
    /// </summary>
    public ImmutableArray<int>? RecordedGroups { get; init; }

    public required CheckpointStore Checkpoints { get; init; }

    public required IMetricsSink Metrics { get; init; }

    /// <summary>Copied into every checkpoint; null when there is none.</summary>
    public string? TokenizerPath { get; init; }
}
