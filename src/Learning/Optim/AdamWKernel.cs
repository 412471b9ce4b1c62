using static TorchSharp.torch;

namespace Forge.Learning.Optim;

/// <summary>
/// Holds the arithmetic of AdamW: the reference for every device and dtype; a fused kernel overrides it.
/// </summary>
public class AdamWKernel
{
    /// <summary>Makes the updates of one step; a fused kernel takes them all at once.</summary>
    public virtual void Apply(IReadOnlyList<AdamWUpdate> updates)
    {
        foreach (var update in updates)
        {
            Apply(update.State, update.Gradient, update.Step);
        }
    }

    /// <summary>Updates moments and master in place (arXiv 1711.05101, algorithm 2).</summary>
    /// <remarks>
    /// m = b1 m + (1 − b1) g;  v = b2 v + (1 − b2) g²;
    /// w = w (1 − lr·decay) − lr · (m / (1 − b1^t)) / (sqrt(v / (1 − b2^t)) + eps)
    /// </remarks>
    protected static void Apply(AdamWState state, Tensor gradient, AdamWStep step)
    {
        using var scope = NewDisposeScope();
        var (m, v, w) = (state.FirstMoment, state.SecondMoment, state.Master);
        var g = gradient.to_type(m.dtype);
        m.mul_(step.Beta1).add_(g, 1 - step.Beta1);
        v.mul_(step.Beta2).addcmul_(g, g, 1 - step.Beta2);
        var denominator = v.div(step.SecondCorrection).sqrt_().add_(step.Epsilon);
        if (step.WeightDecay != 0)
        {
            w.mul_(1 - step.LearningRate * step.WeightDecay);
        }

        w.addcdiv_(m, denominator, -step.LearningRate / step.FirstCorrection);
    }
}
