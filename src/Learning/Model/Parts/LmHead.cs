// N rows, M scored rows, D model, V vocabulary
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Parts;

/// <summary>Turns hidden rows into logits over the vocabulary, in at least fp32 (arXiv 2506.13585 §3.2).</summary>
public sealed class LmHead : nn.Module
{
    private readonly ModelKernels _kernels;
    private readonly ScalarType _wideDtype;
    private readonly Parameter _weight_VD;

    internal LmHead(string name, long vocabulary, long width, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        _kernels = kernels;
        _wideDtype = placement.WideDtype;
        _weight_VD = ModelParameters.Zeros(placement.Device, placement.Dtype, vocabulary, width);
        register_parameter("weight", _weight_VD);
    }

    public Parameter Weight_VD => _weight_VD;

    public Tensor Forward(Tensor hidden_ND)
    {
        using var scope = NewDisposeScope();
        var logits_NV = _kernels.Project(hidden_ND.to_type(_wideDtype), _weight_VD.to_type(_wideDtype));
        return logits_NV.MoveToOuterDisposeScope();
    }

    public TokenScores Score(Tensor hidden_ND, Tensor? rows_M, Tensor targets_M, double temperature, bool entropyGradient)
        => _kernels.Score(hidden_ND, _weight_VD, rows_M, targets_M, temperature, entropyGradient);
}
