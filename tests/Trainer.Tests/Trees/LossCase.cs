using Forge.Learning.Losses;

namespace Forge.Trainer.Tests.Trees;

/// <summary>The losses that merging must leave alone, by name so that test output says which.</summary>
internal static class LossCase
{
    public static TheoryData<string> Names => ["cispo", "cispo_two_sided", "grpo", "ppo_dual_clip", "gspo", "kl_and_entropy", "reinforce"];

    public static IPolicyLoss Create(string name) => name switch
    {
        "cispo" => new CispoLoss(new CispoOptions { EpsilonHigh = 0.5 }),
        "cispo_two_sided" => new CispoLoss(new CispoOptions { EpsilonHigh = 0.2, EpsilonLow = 0.2 }),
        "grpo" => new ClippedRatioLoss(new ClippedRatioOptions()),
        "ppo_dual_clip" => new ClippedRatioLoss(new ClippedRatioOptions { DualClip = 1.5, RatioCap = 3 }),
        "gspo" => new GspoLoss(new GspoOptions { EpsilonLow = 0.2, EpsilonHigh = 0.3 }),
        "kl_and_entropy" => new PenalizedLoss(new CispoLoss(new CispoOptions()), new PenaltyOptions { KlWeight = 0.3, EntropyWeight = 0.2 }),
        "reinforce" => new ReinforceLoss(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown loss."),
    };
}
