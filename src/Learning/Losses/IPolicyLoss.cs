namespace Forge.Learning.Losses;

/// <summary>A policy-gradient loss, evaluated per trajectory token as if no sequences had been merged.</summary>
public interface IPolicyLoss
{
    /// <summary>Weighs every token's loss and adds them up; differentiable in the new log-probabilities and entropies alone.</summary>
    LossOutputs Evaluate(PolicyLossInput input);
}
