using Forge.Learning.Fused;
using Forge.Learning.Fused.Activations;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Mixture;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model.Passes;

/// <summary>The fused kernels, watching how many bytes of activations their blocks hold for backward passes.</summary>
internal sealed class SamplingKernels : ModelKernels
{
    private readonly FusedKernels _fused = new();
    private long _heldBefore;
    private long _most;

    /// <summary>Watches from here on. Buffers that earlier tests left behind may be larger than asked for: none is used again.</summary>
    public void Begin()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        ActivationPool.Shared.Trim();
        (_heldBefore, _most) = (ActivationPool.Shared.LentBytes, 0);
    }

    /// <summary>The most bytes held at once since <see cref="Begin"/>.</summary>
    public long MostHeldBytes => _most;

    public override Tensor AttentionBlock(DecoderLayer layer, Tensor x_ND, RotaryAngles angles, AttentionLayout layout)
        => Sample(_fused.AttentionBlock(layer, x_ND, angles, layout));

    public override (Tensor Output_ND, Routing Routing) ExpertBlock(DecoderLayer layer, Tensor x_ND, Tensor? forced_NC)
    {
        var (output_ND, routing) = _fused.ExpertBlock(layer, x_ND, forced_NC);
        return (Sample(output_ND), routing);
    }

    private Tensor Sample(Tensor result)
    {
        _most = Math.Max(_most, ActivationPool.Shared.LentBytes - _heldBefore);
        return result;
    }
}
