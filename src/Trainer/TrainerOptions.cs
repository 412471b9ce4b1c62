using System.ComponentModel.DataAnnotations;

namespace Forge.Trainer;

/// <summary>How long, how fast and how safely a run trains. Section <c>trainer</c>.</summary>
public sealed class TrainerOptions
{
    /// <summary>Optimizer steps of the whole run, those before a resume included.</summary>
    [Range(0, 100_000_000)]
    public long Steps { get; init; } = 200;

    /// <summary>Ends the run after the step during which this much time has passed since its start or resume; unset: no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Peak learning rate.</summary>
    [Range(0.0, 1.0)]
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Steps over which the learning rate rises linearly from 0.</summary>
    [Range(0, 1_000_000)]
    public int WarmupSteps { get; init; } = 5;

    /// <summary>The learning rate's fraction that is left at the last step; 1 keeps it constant after the warm-up.</summary>
    [Range(0.0, 1.0)]
    public double FinalLearningRate { get; init; } = 0.1;

    /// <summary>Decoupled weight decay.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>AdamW's β1.</summary>
    [Range(0.0, 1.0)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's β2.</summary>
    [Range(0.0, 1.0)]
    public double Beta2 { get; init; } = 0.95;

    /// <summary>AdamW's ε; small because RL gradients are (MiniMax-M1 §3.2).</summary>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1e-15;

    /// <summary>Largest global gradient norm; larger gradients are scaled down to it.</summary>
    [Range(0.0, 1e9)]
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>Most token rows in one forward and backward pass.</summary>
    [Range(1, 100_000_000)]
    public int MicroBatchTokens { get; init; } = 8192;

    /// <summary>Keep only each layer's input for the backward pass and compute the rest again: a third more time for a small part of the memory.</summary>
    public bool CheckpointActivations { get; init; }

    /// <summary>What samples share is computed once: any common prefix (tree), an episode's growing history (episode), nothing (none).</summary>
    public MergeMode Merge { get; init; } = MergeMode.Tree;

    /// <summary>Steps between two measurements of what merging changed (<c>tree/exactness_max_dlogp</c>); 0 never measures.</summary>
    [Range(0, 1_000_000)]
    public int ExactnessEvery { get; init; } = 50;

    /// <summary>Rate of the auxiliary-loss-free router bias update; 0 freezes the bias, as RL wants it.</summary>
    [Range(0.0, 1.0)]
    public double RouterBiasRate { get; init; }

    /// <summary>Threads of the trainer's kernels on the CPU; 0 takes all cores.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Steps between two evaluations on held-out tasks; 0 evaluates only before and after.</summary>
    [Range(0, 1_000_000)]
    public int EvaluateEvery { get; init; } = 25;

    /// <summary>How many of the newest checkpoints stay.</summary>
    [Range(1, 1000)]
    public int KeepLast { get; init; } = 2;

    /// <summary>Whether the checkpoint with the best held-out success stays too.</summary>
    public bool KeepBest { get; init; } = true;
}
