using TorchSharp.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Looks rows up in a table of shape [num_embeddings, embedding_dims], which starts standard normal.</summary>
public sealed class Embedding : Module<Tensor, Tensor>
{
    private readonly long? _paddingIdx;
    private readonly bool _scaleGradByFreq;
    private readonly bool _sparse;

    internal Embedding(
        long num_embeddings, long embedding_dims, long? padding_idx, double? max_norm, double norm_type,
        bool scale_grad_by_freq, bool sparse, Device? device, ScalarType? dtype)
        : base(nameof(Embedding))
    {
        if (max_norm is not null)
        {
            throw new NotSupportedException("Embedding with max_norm is not part of this stand-in.");
        }

        (_paddingIdx, _scaleGradByFreq, _sparse) = (padding_idx, scale_grad_by_freq, sparse);
        weight = new Parameter(init.normal_(empty([num_embeddings, embedding_dims], dtype, device)));
    }

    public Parameter weight
    {
        get => get_parameter(nameof(weight))!;
        set => ConditionallyRegisterParameter(nameof(weight), value);
    }

    public override Tensor forward(Tensor input)
        => Ops.embedding.Call(weight, input, _paddingIdx ?? -1, _scaleGradByFreq, _sparse);
}
