namespace Forge.Core.Packing.Costs;

/// <summary>Sets what is computed against a baseline. Ratios are merged / baseline, at most 1 when merging helps; speed-ups are baseline / merged.</summary>
/// <param name="Merged">What is computed.</param>
/// <param name="Baseline">What the baseline would compute.</param>
public readonly record struct CostComparison(PassCosts Merged, PassCosts Baseline)
{
    /// <summary>Merged rows / baseline rows.</summary>
    public double TokenRatio => (double)Merged.Tokens / Baseline.Tokens;

    /// <summary>S_tok: the ideal speed-up if only rows cost.</summary>
    public double TokenSpeedup => (double)Baseline.Tokens / Merged.Tokens;

    /// <summary>S_pair: the ideal speed-up if only attention cost.</summary>
    public double PairSpeedup => (double)Baseline.Pairs / Merged.Pairs;

    /// <summary>S: the ideal speed-up of a whole forward and backward.</summary>
    public double FlopSpeedup(FlopRates rates) => rates.Of(Baseline) / rates.Of(Merged);

    /// <summary>1 − merged / baseline operations: the part of the baseline's work that isn't done; negative when more is done.</summary>
    public double FlopsSaved(FlopRates rates) => 1 - (rates.Of(Merged) / rates.Of(Baseline));
}
