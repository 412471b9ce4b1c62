// N rows, D model, W expert width, E experts
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>Holds the experts' SwiGLU weights, stacked: one tensor per role, one leading index per expert.</summary>
/// <remarks>
/// Checkpoints name every expert's matrix on its own (<c>experts.3.w1.weight</c>); here they are slices of a stack.
/// </remarks>
public sealed class Experts : nn.Module
{
    private readonly ModelKernels _kernels;
    private readonly Parameter _w1_EWD;
    private readonly Parameter _w2_EDW;
    private readonly Parameter _w3_EWD;

    internal Experts(string name, long experts, long width, long inner, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        _kernels = kernels;
        _w1_EWD = ModelParameters.Zeros(placement.Device, placement.Dtype, experts, inner, width);
        _w2_EDW = ModelParameters.Zeros(placement.Device, placement.Dtype, experts, width, inner);
        _w3_EWD = ModelParameters.Zeros(placement.Device, placement.Dtype, experts, inner, width);
        register_parameter("w1", _w1_EWD);
        register_parameter("w2", _w2_EDW);
        register_parameter("w3", _w3_EWD);
    }

    /// <summary>Gate projections.</summary>
    public Parameter Gate_EWD => _w1_EWD;

    /// <summary>Down projections.</summary>
    public Parameter Down_EDW => _w2_EDW;

    /// <summary>Up projections.</summary>
    public Parameter Up_EWD => _w3_EWD;

    public Tensor Forward(Tensor x_ND, Routing routing) => _kernels.MixExperts(x_ND, routing, _w1_EWD, _w2_EDW, _w3_EWD);
}
