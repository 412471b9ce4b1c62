// N rows, T queries of a call, S keys of a call
using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>A call with its indices on a device; they live until the collector takes the plan, since all layers and the backward
/// pass use them.</summary>
internal sealed class PlacedCall
{
    private readonly Tensor? _keyRows_S;

    public PlacedCall(AttentionCall call, Device device)
    {
        Call = call;
        Tensor Place(IEnumerable<int> values, ScalarType dtype)
            => tensor(values.ToArray(), dtype: dtype, device: device).DetachFromDisposeScope();
        QueryEnds = Place(call.QueryEnds, ScalarType.Int32);
        KeyEnds = Place(call.KeyEnds, ScalarType.Int32);
        _keyRows_S = call.KeyRows.IsEmpty ? null : Place(call.KeyRows, ScalarType.Int64);
        HasIdleQueries = call.KeyEnds.Zip(call.KeyEnds.Skip(1)).Any(pair => pair.First == pair.Second);
    }

    public AttentionCall Call { get; }

    /// <summary>int32 [segments + 1]: cumulative queries.</summary>
    public Tensor QueryEnds { get; }

    /// <summary>int32 [segments + 1]: cumulative keys.</summary>
    public Tensor KeyEnds { get; }

    /// <summary>Whether some queries have no key in this call.</summary>
    public bool HasIdleQueries { get; }

    /// <summary>The call's queries, a view.</summary>
    public Tensor Queries(Tensor rows_N, long dimension = 0) => rows_N.narrow(dimension, Call.QueryStart, Call.QueryCount);

    /// <summary>The queries that no other call of the same keys has, a view.</summary>
    public Tensor NewQueries(Tensor rows_N, long dimension = 0)
        => rows_N.narrow(dimension, Call.QueryStart + Call.RepeatedQueries, Call.QueryCount - Call.RepeatedQueries);

    /// <summary>What belongs to them of something that the call has for each of its queries, a view.</summary>
    public Tensor NewPart(Tensor part_T, long dimension = 0)
        => Call.RepeatedQueries == 0 ? part_T : part_T.narrow(dimension, Call.RepeatedQueries, Call.QueryCount - Call.RepeatedQueries);

    /// <summary>The call's gradients of the output: 0 where a query is repeated, whose keys then get nothing from it.</summary>
    public Tensor OutGradients(Tensor rows_N)
    {
        if (Call.RepeatedQueries == 0)
        {
            return Queries(rows_N);
        }

        var own_T = Queries(rows_N).clone();
        own_T.narrow(0, 0, Call.RepeatedQueries).zero_();
        return own_T;
    }

    /// <summary>The call's keys: a view of consecutive rows, or a copy.</summary>
    public Tensor Keys(Tensor rows_N)
        => _keyRows_S is null ? rows_N.narrow(0, Call.KeyStart, Call.KeyCount) : rows_N.index_select(0, _keyRows_S);

    /// <summary>Adds what belongs to the call's keys to their rows; a row may stand among the keys several times.</summary>
    public void AddToKeys(Tensor sum_N, Tensor addend_S)
    {
        if (_keyRows_S is null)
        {
            sum_N.narrow(0, Call.KeyStart, Call.KeyCount).add_(addend_S);
        }
        else
        {
            sum_N.index_add_(0, _keyRows_S, addend_S.to_type(sum_N.dtype), 1);
        }
    }
}
