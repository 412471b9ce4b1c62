using System.Collections.Immutable;
using Forge.Learning.Model.Configuration;

namespace Forge.Trainer.Bench;

/// <summary>The trees that results are published for (docs/benchmarks/tree.md), and the policy that trains on them.</summary>
public static class PublishedTrees
{
    /// <summary>At most 20,000 tokens without merging, for a policy of the quickstart's size.</summary>
    public static ImmutableArray<TreeShape> Small { get; } =
    [
        new("group-8") { Groups = 2, Episodes = 8, Prompt = 896, Response = 128 },
        new("group-16") { Episodes = 16, Prompt = 1024, Response = 128 },
        new("group-64") { Episodes = 64, Prompt = 256, Response = 48 },
        new("agent-10") { Episodes = 2, Prompt = 256, Turns = 10, Response = 64, Observation = 64 },
        new("agent-40") { Prompt = 128, Turns = 40, Response = 8, Observation = 8 },
        new("agent-80") { Prompt = 64, Turns = 80, Response = 2, Observation = 2 },
        new("forks-deep") { Episodes = 2, Prompt = 128, Turns = 24, Response = 16, Observation = 16, RewriteEvery = 6, RewriteTurns = 3 },
        new("forks-thin") { Prompt = 64, Turns = 60, Response = 4, Observation = 4, RewriteEvery = 2, RewriteTurns = 1 },
    ];

    /// <summary>For one GPU and a policy of 1.5 B parameters: 27,000 to 140,000 tokens with everything merged.</summary>
    public static ImmutableArray<TreeShape> Large { get; } =
    [
        new("group-8") { Groups = 8, Episodes = 8, Prompt = 8192, Response = 1024 },
        new("group-8-long") { Groups = 4, Episodes = 8, Prompt = 16384, Response = 1024 },
        new("group-16") { Groups = 4, Episodes = 16, Prompt = 16384, Response = 1024 },
        new("group-64") { Episodes = 64, Prompt = 16384, Response = 1024 },
        new("agent-10") { Episodes = 8, Prompt = 4096, Turns = 10, Response = 512, Observation = 512 },
        new("agent-40") { Episodes = 2, Prompt = 4096, Turns = 40, Response = 512, Observation = 512 },
        new("agent-80") { Prompt = 4096, Turns = 80, Response = 512, Observation = 512 },
        new("agent-160") { Prompt = 4096, Turns = 160, Response = 256, Observation = 256 },
        new("forks-deep") { Episodes = 3, Prompt = 2048, Turns = 48, Response = 256, Observation = 256, RewriteEvery = 8, RewriteTurns = 4 },
        new("forks-thin") { Episodes = 2, Prompt = 2048, Turns = 200, Response = 32, Observation = 32, RewriteEvery = 2, RewriteTurns = 1 },
    ];

    /// <summary>1.47 B parameters, of which 0.43 B work on a token (and the LM head's 67 M on a scored one).</summary>
    public static M2Config LargePolicy { get; } = new()
    {
        VocabSize = 32_768,
        HiddenSize = 2048,
        NumHiddenLayers = 12,
        NumAttentionHeads = 16,
        NumKeyValueHeads = 4,
        HeadDim = 128,
        RotaryDim = 64,
        IntermediateSize = 512,
        NumLocalExperts = 32,
        NumExpertsPerToken = 8,
        MaxPositionEmbeddings = 131_072,
    };
}
