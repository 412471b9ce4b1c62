using Forge.Learning.Fused.Native;
using Forge.Learning.Optim;
using static TorchSharp.torch;

namespace Forge.Learning.Fused;

/// <summary>Updates all fp32 parameters on the CPU in one pass over their memory; everything else goes to the reference.</summary>
public sealed class FusedAdamW : AdamWKernel
{
    public override void Apply(IReadOnlyList<AdamWUpdate> updates)
    {
        var fitting = updates.ToLookup(Fits);
        base.Apply([.. fitting[false]]);
        foreach (var sharing in fitting[true].GroupBy(update => update.Step with { WeightDecay = 0 }))
        {
            Run([.. sharing], sharing.Key);
        }
    }

    private static bool Fits(AdamWUpdate update)
        => Fits(update.State.Master) && Fits(update.State.FirstMoment) && Fits(update.Gradient);

    private static bool Fits(Tensor tensor)
        => TensorMemory.Fits(tensor) && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    private static unsafe void Run(AdamWUpdate[] updates, AdamWStep step)
    {
        var sizes = updates.Select(update => update.State.Master.numel()).ToArray();
        var decays = updates.Select(update => update.Step.WeightDecay).ToArray();
        fixed (nint* masters = Addresses(updates, update => update.State.Master))
        fixed (nint* firsts = Addresses(updates, update => update.State.FirstMoment))
        fixed (nint* seconds = Addresses(updates, update => update.State.SecondMoment))
        fixed (nint* gradients = Addresses(updates, update => update.Gradient))
        fixed (long* counts = sizes)
        fixed (double* rates = decays)
        {
            var call = new AdamWCall
            {
                Threads = get_num_threads(),
                Tensors = updates.Length,
                Step = step.Number,
                Parameters = (nint)masters,
                FirstMoments = (nint)firsts,
                SecondMoments = (nint)seconds,
                Gradients = (nint)gradients,
                Sizes = (nint)counts,
                Decays = (nint)rates,
                Rate = step.LearningRate,
                Beta1 = step.Beta1,
                Beta2 = step.Beta2,
                Epsilon = step.Epsilon,
                GradientScale = 1,
            };
            TrainingKernels.Check(TrainingKernels.AdamWStep(call));
        }

        GC.KeepAlive(updates);
    }

    private static nint[] Addresses(AdamWUpdate[] updates, Func<AdamWUpdate, Tensor> part)
        => [.. updates.Select(update => TensorMemory.Address(part(update)))];
}
