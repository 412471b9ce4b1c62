// N rows, D inputs, M outputs
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Parts;

/// <summary>Multiplies rows by a weight matrix, without bias: M2 has none anywhere.</summary>
public sealed class Projection : nn.Module
{
    private readonly ModelKernels _kernels;
    private readonly Parameter _weight_MD;

    internal Projection(string name, long inputs, long outputs, Device device, ScalarType dtype, ModelKernels kernels)
        : base(name)
    {
        _kernels = kernels;
        _weight_MD = ModelParameters.Zeros(device, dtype, outputs, inputs);
        register_parameter("weight", _weight_MD);
    }

    /// <summary>[outputs, inputs].</summary>
    public Parameter Weight_MD => _weight_MD;

    public Tensor Forward(Tensor x_ND) => _kernels.Project(x_ND, _weight_MD);
}
