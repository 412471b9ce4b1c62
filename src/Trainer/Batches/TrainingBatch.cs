using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.Trainer.Batches;

/// <summary>What one optimizer step trains on.</summary>
/// <param name="Groups">The groups, in the order in which they were taken.</param>
/// <param name="Completions">Their trainable completions, scored; grouped by episode, in turn order.</param>
/// <param name="Skipped">Groups that were consumed without training while this batch was gathered, with the reason.</param>
public sealed record TrainingBatch(
    ImmutableArray<Group> Groups,
    ImmutableArray<ScoredCompletion> Completions,
    ImmutableArray<SkippedGroup> Skipped);
