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

    public required IPolicySink Policy { get; init; }

    public required IPolicyEvaluator Evaluator { get; init; }

    public required CheckpointStore Checkpoints { get; init; }

    public required IMetricsSink Metrics { get; init; }

    /// <summary>Copied into every checkpoint; null when there is none.</summary>
    public string? TokenizerPath { get; init; }
}
