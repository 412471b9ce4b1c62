// N rows, Q query rows, H query heads, G key/value heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Sums the gradients of a plan's calls in at least fp32.</summary>
internal sealed class GradientSums
{
    private readonly Tensor? _query_QHK;
    private readonly Tensor? _key_NGK;
    private readonly Tensor? _value_NGK;
    private readonly HashSet<PlacedCall> _own;
    private AttentionGradients? _only;

    public GradientSums(Tensor q_QHK, Tensor k_NGK, PlacedPlan plan)
    {
        _own = [.. plan.OwnCalls];
        if (plan.IsOneCall && plan.OwnCalls[0].Call is { KeyRows.IsEmpty: true } call && call.KeyCount == k_NGK.shape[0])
        {
            return;
        }

        var wide = q_QHK.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        _query_QHK = empty(q_QHK.shape, dtype: wide, device: q_QHK.device);
        _key_NGK = zeros(k_NGK.shape, dtype: wide, device: k_NGK.device);
        _value_NGK = zeros_like(_key_NGK);
    }

    /// <summary>Own calls come first: they write the queries' sums, and all further calls add to them.</summary>
    public void Add(PlacedCall call, AttentionGradients gradients)
    {
        if (_query_QHK is null)
        {
            _only = new AttentionGradients(
                gradients.Query_THK.MoveToOuterDisposeScope(), gradients.Key_SGK.MoveToOuterDisposeScope(), gradients.Value_SGK.MoveToOuterDisposeScope());
            return;
        }

        var query_THK = call.Queries(_query_QHK);
        _ = _own.Contains(call) ? query_THK.copy_(gradients.Query_THK) : query_THK.add_(gradients.Query_THK);
        call.AddToKeys(_key_NGK!, gradients.Key_SGK);
        call.AddToKeys(_value_NGK!, gradients.Value_SGK);
    }

    /// <summary>Gradients of queries, keys and values.</summary>
    public Tensor[] InDtypeOf(Tensor input)
        => _only is not null
            ? [_only.Query_THK, _only.Key_SGK, _only.Value_SGK]
            : [_query_QHK!.to_type(input.dtype), _key_NGK!.to_type(input.dtype), _value_NGK!.to_type(input.dtype)];
}
