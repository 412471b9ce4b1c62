// N rows, V vocabulary, D model
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Parts;

/// <summary>Looks up one vector per token id.</summary>
public sealed class TokenEmbedding : nn.Module
{
    private readonly ModelKernels _kernels;
    private readonly Parameter _weight_VD;

    internal TokenEmbedding(string name, long vocabulary, long width, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        _kernels = kernels;
        _weight_VD = ModelParameters.Zeros(placement.Device, placement.Dtype, vocabulary, width);
        register_parameter("weight", _weight_VD);
    }

    public Parameter Weight_VD => _weight_VD;

    /// <param name="ids_N">int64 ids, each below the vocabulary size.</param>
    public Tensor Forward(Tensor ids_N) => _kernels.Embed(_weight_VD, ids_N);
}
