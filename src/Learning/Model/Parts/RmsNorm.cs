// N rows, D normalised width
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Parts;

/// <summary>Normalises rows by their root mean square and scales each channel.</summary>
public sealed class RmsNorm : nn.Module
{
    private readonly double _eps;
    private readonly ModelKernels _kernels;
    private readonly Parameter _weight_D;

    internal RmsNorm(string name, long width, double eps, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        _eps = eps;
        _kernels = kernels;
        _weight_D = ModelParameters.Ones(placement.Device, placement.Dtype, width);
        register_parameter("weight", _weight_D);
    }

    public Parameter Weight_D => _weight_D;

    public double Eps => _eps;

    public Tensor Forward(Tensor x_ND) => _kernels.RmsNorm(x_ND, _weight_D, _eps);
}
