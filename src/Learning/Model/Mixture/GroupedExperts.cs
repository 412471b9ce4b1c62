// N rows, C choices per row, M = N·C assignments sorted by expert, D model, W expert width, E experts
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>
/// Runs every expert once over its own contiguous range of rows, after sorting the assignments by expert.
/// </summary>
internal static class GroupedExperts
{
    public static Tensor Mix(Tensor x_ND, Routing routing, Tensor w1_EWD, Tensor w2_EDW, Tensor w3_EWD)
    {
        using var scope = NewDisposeScope();
        var (rows, choices, width) = (x_ND.shape[0], routing.Choices_NC.shape[1], x_ND.shape[1]);
        var order = ExpertOrder.Of(routing.Choices_NC, w1_EWD.shape[0]);

        // Each assignment gets its own copy of the row: the backward pass then sums copies in a fixed order.
        var copies_MD = x_ND.unsqueeze(1).expand(rows, choices, width).reshape(rows * choices, width);
        var sorted_MD = PermutedRows.Of(copies_MD, order.Permutation_M, order.Inverse_M);
        var mixed_MD = GroupedProduct.Fits(sorted_MD, w1_EWD)
            ? GroupedProduct.SwiGlu(sorted_MD, order.Counts_E, w1_EWD, w2_EDW, w3_EWD)
            : ByRange(sorted_MD, order.HostCounts(), w1_EWD, w2_EDW, w3_EWD);
        var perChoice_NCD = PermutedRows.Of(mixed_MD, order.Inverse_M, order.Permutation_M).view(rows, choices, width);

        // The product takes on the weights' precision, at least fp32, without a wide copy of the rows.
        return perChoice_NCD.mul(routing.Weights_NC.unsqueeze(-1)).sum(1).to_type(x_ND.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>One product per expert and role over its own rows.</summary>
    /// <param name="x_MD">Rows sorted by expert.</param>
    /// <param name="counts">Rows of each expert.</param>
    /// <param name="w1_EWD">Gate projections.</param>
    /// <param name="w2_EDW">Down projections.</param>
    /// <param name="w3_EWD">Up projections.</param>
    // unbind and split have stack and cat as backward, so an expert's gradient is written once and never zero-padded.
    public static Tensor ByRange(Tensor x_MD, long[] counts, Tensor w1_EWD, Tensor w2_EDW, Tensor w3_EWD)
    {
        using var scope = NewDisposeScope();
        var (first, second, third) = (w1_EWD.unbind(0), w2_EDW.unbind(0), w3_EWD.unbind(0));
        var ranges = x_MD.split(counts, 0);
        var outputs = new List<Tensor>();
        for (var expert = 0; expert < counts.Length; expert++)
        {
            if (counts[expert] > 0)
            {
                outputs.Add(SwiGlu(ranges[expert], first[expert], second[expert], third[expert]));
            }
        }

        return cat(outputs, 0).MoveToOuterDisposeScope();
    }

    private static Tensor SwiGlu(Tensor x_XD, Tensor w1_WD, Tensor w2_DW, Tensor w3_WD)
    {
        using var scope = NewDisposeScope();
        var inner_XW = nn.functional.linear(x_XD, w1_WD).silu().mul(nn.functional.linear(x_XD, w3_WD));
        return nn.functional.linear(inner_XW, w2_DW).MoveToOuterDisposeScope();
    }
}
