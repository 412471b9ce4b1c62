// N rows, C choices per row, M = N·C assignments, E experts
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>Sorts the assignments of rows to experts, stably, so that each expert's rows are contiguous.</summary>
/// <param name="Permutation_M">Assignment (row · C + choice) at each sorted place.</param>
/// <param name="Inverse_M">Sorted place of each assignment.</param>
/// <param name="Counts_E">Assignments per expert, int64.</param>
internal sealed record ExpertOrder(Tensor Permutation_M, Tensor Inverse_M, Tensor Counts_E)
{
    public static ExpertOrder Of(Tensor choices_NC, long experts)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var flat_M = choices_NC.flatten();
        var (_, permutation_M) = flat_M.sort(0, descending: false, stable: true);
        var places_M = arange(flat_M.shape[0], dtype: ScalarType.Int64, device: flat_M.device);
        var inverse_M = empty_like(permutation_M).index_copy_(0, permutation_M, places_M);
        var counts_E = zeros([experts], dtype: ScalarType.Int64, device: flat_M.device)
            .index_add_(0, flat_M, ones_like(flat_M), 1);
        return new ExpertOrder(
            permutation_M.MoveToOuterDisposeScope(), inverse_M.MoveToOuterDisposeScope(), counts_E.MoveToOuterDisposeScope());
    }

    /// <summary>The counts on the host; on an accelerator this waits for the device.</summary>
    public long[] HostCounts()
    {
        using var scope = NewDisposeScope();
        return Counts_E.cpu().data<long>().ToArray();
    }
}
