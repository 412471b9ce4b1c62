// C edges of one chunk, D model, V vocabulary
using static TorchSharp.torch;

namespace Forge.Learning.Model.Scoring;

/// <summary>The LM head's products, in fp32 (fp64 for an fp64 model) whatever the model's own precision.</summary>
internal sealed class HeadProducts
{
    private readonly Tensor _weight_VD;
    private readonly bool _isNarrow;

    public HeadProducts(Tensor weight_VD)
    {
        WideDtype = weight_VD.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        _isNarrow = NarrowProduct.Fits(weight_VD);
        _weight_VD = _isNarrow ? weight_VD : weight_VD.to_type(WideDtype);
    }

    /// <summary>The precision of every result.</summary>
    public ScalarType WideDtype { get; }

    /// <summary>x · weightᵀ.</summary>
    public Tensor Logits(Tensor x_CD)
        => _isNarrow ? NarrowProduct.Multiply(x_CD, _weight_VD.t()) : x_CD.to_type(WideDtype).matmul(_weight_VD.t());

    /// <summary>What a gradient of the logits means for the rows and for the weight.</summary>
    public (Tensor Rows_CD, Tensor Weight_VD) Gradients(Tensor gradient_CV, Tensor x_CD)
    {
        if (!_isNarrow)
        {
            return (gradient_CV.matmul(_weight_VD), gradient_CV.t().matmul(x_CD.to_type(WideDtype)));
        }

        // A gradient as the sum of two bf16 numbers keeps 16 bits, twice what the rows' own gradients are rounded to afterwards.
        var high_CV = gradient_CV.to_type(ScalarType.BFloat16);
        var low_CV = gradient_CV.sub(high_CV).to_type(ScalarType.BFloat16);
        return (
            NarrowProduct.Multiply(high_CV, _weight_VD).add_(NarrowProduct.Multiply(low_CV, _weight_VD)),
            NarrowProduct.Multiply(high_CV.t(), x_CD).add_(NarrowProduct.Multiply(low_CV.t(), x_CD)));
    }
}
