// N query rows, T queries of a call, H query heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Merges outputs over disjoint sets of keys into the output over all of them, in at least fp32.</summary>
/// <remarks>
/// With L = log(e^l + e^m): out = e^(l − L) · out_l + e^(m − L) · out_m. l is finite, because each query's own key is put first; so
/// a part without keys (m = −∞) has weight 0, and no exponent is above 0. Rows that see the keys of one call only are copied and never
/// made wide.
/// </remarks>
internal sealed class MergedOutput
{
    private readonly PlacedPlan _plan;
    private readonly Tensor _out_NHK;
    private readonly Tensor _sum_NHK;

    public MergedOutput(Tensor q_NHK, PlacedPlan plan)
    {
        var wide = q_NHK.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        _plan = plan;
        _out_NHK = empty_like(q_NHK);
        _sum_NHK = q_NHK.dtype == wide ? _out_NHK : empty(q_NHK.shape, dtype: wide, device: q_NHK.device);
        LogSumExp_HN = empty([q_NHK.shape[1], q_NHK.shape[0]], dtype: wide, device: q_NHK.device);
    }

    public Tensor LogSumExp_HN { get; }

    /// <summary>The first part of these queries.</summary>
    public void Put(AttentionPart part, PlacedCall call)
    {
        call.Queries(_plan.IsMerged(call) ? _sum_NHK : _out_NHK).copy_(part.Out_THK);
        call.Queries(LogSumExp_HN, dimension: 1).copy_(part.LogSumExp_HT);
    }

    /// <summary>A further part.</summary>
    public void Add(AttentionPart part, PlacedCall call)
    {
        using var scope = NewDisposeScope();
        var (total_HT, added_HT) = (call.NewQueries(LogSumExp_HN, dimension: 1), call.NewPart(part.LogSumExp_HT, dimension: 1));
        var merged_HT = total_HT.logaddexp(added_HT);
        call.NewQueries(_sum_NHK)
            .mul_(PerRow(total_HT.sub(merged_HT).exp_()))
            .addcmul_(call.NewPart(part.Out_THK), PerRow(added_HT.sub(merged_HT).exp_()), 1);
        total_HT.copy_(merged_HT);
    }

    /// <summary>The output of all rows, in the dtype of the queries.</summary>
    public Tensor Finish()
    {
        foreach (var call in _plan.OwnCalls.Where(_plan.IsMerged))
        {
            call.Queries(_out_NHK).copy_(call.Queries(_sum_NHK));
        }

        return _out_NHK;
    }

    private static Tensor PerRow(Tensor weight_HT) => weight_HT.t().contiguous().unsqueeze(-1);
}
