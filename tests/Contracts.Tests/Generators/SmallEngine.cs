using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;
using Forge.Rollout;
using Forge.Rollout.Bench;
using Forge.Rollout.Decoding;

namespace Forge.Contracts.Tests.Generators;

/// <summary>The real engine over a policy of a few thousand weights, and a hand on its decoder.</summary>
internal static class SmallEngine
{
    public static M2Config Config { get; } = new()
    {
        VocabSize = 64,
        HiddenSize = 32,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        HeadDim = 16,
        RotaryDim = 8,
        NumLocalExperts = 4,
        NumExpertsPerToken = 2,
        IntermediateSize = 16,
        RopeTheta = 10_000,
    };

    public static RolloutOptions Options { get; } = new()
    {
        Slots = 8,
        SharedPrefixes = 2,
        MaxContext = 4096,
        PrefillBudget = 64,
        Threads = 1,
        RecordRouting = true,
    };

    public static PolicyWeights Weights(long version) => RandomPolicy.Create(Config, new PolicyVersion(version), seed: 100 + (int)version);

    public static HeldDecoder Decoder()
        => new(new CpuDecoder(Config, Options.Slots + Options.SharedPrefixes, Options.MaxContext, Options.Slots + Options.PrefillBudget, Options.Threads));

    public static RolloutEngine Over(HeldDecoder decoder) => new(decoder, Options, TimeProvider.System);
}
