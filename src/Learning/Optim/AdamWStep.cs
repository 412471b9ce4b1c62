namespace Forge.Learning.Optim;

/// <summary>The numbers of one update of one parameter.</summary>
/// <param name="LearningRate">Step size after schedule.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay for this parameter; 0 for none.</param>
/// <param name="Number">1 for the first update.</param>
public readonly record struct AdamWStep(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, long Number)
{
    /// <summary>1 − beta1^t.</summary>
    public double FirstCorrection => 1 - Math.Pow(Beta1, Number);

    /// <summary>1 − beta2^t.</summary>
    public double SecondCorrection => 1 - Math.Pow(Beta2, Number);
}
