using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Attention from plain operators, for libtorch before 2.0, which has no public operator for it.</summary>
internal static class Attention
{
    internal static readonly bool HasOperator = !__version__.StartsWith("1.", StringComparison.Ordinal);

    internal static Tensor Composed(Tensor query, Tensor key, Tensor value, Tensor? mask, double dropout, bool causal)
    {
        using var scope = NewDisposeScope();
        var scores = query.matmul(key.transpose(-2, -1)) / Math.Sqrt(query.shape[^1]);
        if (causal)
        {
            var allowed = ones([scores.shape[^2], scores.shape[^1]], ScalarType.Bool, scores.device).tril();
            scores = scores.masked_fill(allowed.logical_not(), double.NegativeInfinity);
        }

        if (mask is not null)
        {
            scores = mask.dtype == ScalarType.Bool
                ? scores.masked_fill(mask.logical_not(), double.NegativeInfinity)
                : scores + mask;
        }

        var weights = scores.softmax(-1);
        weights = dropout > 0 ? nn.functional.dropout(weights, dropout) : weights;
        return weights.matmul(value).MoveToOuterDisposeScope();
    }
}
