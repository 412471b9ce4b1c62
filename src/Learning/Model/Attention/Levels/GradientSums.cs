// N rows, Q query rows, H query heads, G key/value heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Sums the gradients of a plan's calls in at least fp32; queries of one call only are copied.</summary>
internal sealed class GradientSums
{
    private readonly PlacedPlan _plan;
    private readonly Tensor? _query_QHK;
    private readonly Tensor? _sum_QHK;
    private readonly Tensor? _key_NGK;
    private readonly Tensor? _value_NGK;
    private readonly HashSet<PlacedCall> _own;
    private AttentionGradients? _only;

    public GradientSums(Tensor q_QHK, Tensor k_NGK, PlacedPlan plan)
    {
        (_plan, _own) = (plan, [.. plan.OwnCalls]);
        if (plan.IsOneCall && plan.OwnCalls[0].Call is { KeyRows.IsEmpty: true } call && call.KeyCount == k_NGK.shape[0])
        {
            return;
        }

        var wide = q_QHK.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        _query_QHK = empty_like(q_QHK);
        _sum_QHK = q_QHK.dtype == wide ? _query_QHK : empty(q_QHK.shape, dtype: wide, device: q_QHK.device);
        _key_NGK = plan.OwnKeysAreAll ? empty(k_NGK.shape, dtype: wide, device: k_NGK.device) : zeros(k_NGK.shape, dtype: wide, device: k_NGK.device);
        _value_NGK = plan.OwnKeysAreAll ? empty_like(_key_NGK) : zeros_like(_key_NGK);
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

        if (_own.Contains(call))
        {
            call.Queries(_plan.IsMerged(call) ? _sum_QHK! : _query_QHK).copy_(gradients.Query_THK);
        }
        else
        {
            call.NewQueries(_sum_QHK!).add_(call.NewPart(gradients.Query_THK));
        }

        if (_plan.OwnKeysAreAll && _own.Contains(call))
        {
            call.Keys(_key_NGK!).copy_(gradients.Key_SGK);
            call.Keys(_value_NGK!).copy_(gradients.Value_SGK);
        }
        else
        {
            call.AddToKeys(_key_NGK!, gradients.Key_SGK);
            call.AddToKeys(_value_NGK!, gradients.Value_SGK);
        }
    }

    /// <summary>Gradients of queries, keys and values.</summary>
    public Tensor[] InDtypeOf(Tensor input)
    {
        if (_only is not null)
        {
            return [_only.Query_THK, _only.Key_SGK, _only.Value_SGK];
        }

        foreach (var call in _plan.OwnCalls.Where(_plan.IsMerged))
        {
            call.Queries(_query_QHK!).copy_(call.Queries(_sum_QHK!));
        }

        return [_query_QHK!, _key_NGK!.to_type(input.dtype), _value_NGK!.to_type(input.dtype)];
    }
}
