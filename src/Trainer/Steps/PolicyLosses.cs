using Forge.Core.Faults;
using Forge.Learning.Losses;

namespace Forge.Trainer.Steps;

/// <summary>Makes the policy loss that a run file names.</summary>
internal static class PolicyLosses
{
    /// <exception cref="ForgeException">There is no loss of that name.</exception>
    public static IPolicyLoss Create(AlgorithmOptions options) => options.Loss switch
    {
        "cispo" => new CispoLoss(new CispoOptions
        {
            EpsilonHigh = options.EpsilonHigh,
            EpsilonLow = options.EpsilonLow,
            EpsilonCap = options.EpsilonCap,
        }),
        _ => throw new ForgeException($"algorithm.loss is '{options.Loss}'; known losses: cispo."),
    };
}
