using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.Demonstrations;

/// <summary>Which demonstrations are shown, and the vocabulary that is trained for them.</summary>
public sealed class DemonstrationOptions
{
    /// <summary>
    /// Relative frequency of each of the environment's levels, in their order; empty shows all equally. The shipped base checkpoint is
    /// shown the hard levels rarely: enough for sampling to find them now and then, too little to learn them.
    /// </summary>
    public ImmutableArray<double> LevelWeights { get; init; } = [];

    /// <summary>Chooses the tasks and the tool failures.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Entries of the tokenizer that is trained when there is none: 256 bytes, the format's special tokens, and merges.</summary>
    [Range(300, 1_000_000)]
    public int VocabularySize { get; init; } = 768;
}
