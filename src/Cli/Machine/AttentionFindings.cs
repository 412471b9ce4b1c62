using Forge.Learning.Checks;
using static TorchSharp.torch;

namespace Forge.Cli.Machine;

/// <summary>Checks attention over prefix trees by the GPU's kernels.</summary>
internal static class AttentionFindings
{
    private const string Check = "tree attention";

    public static Finding OfCuda()
    {
        var rows = TreeAttentionParity.Run(device("cuda:0"));
        if (rows.Count == 0)
        {
            return new Finding(Check, Verdict.Warning, "no flash attention that works on this GPU: " + Refusals(),
                "Training is right but slow: use a libtorch from 2.5 on, on a GPU from Ampere on.");
        }

        var worst = rows.GroupBy(row => row.Check[..row.Check.IndexOf('.', StringComparison.Ordinal)])
            .Select(kernel => kernel.MaxBy(row => double.IsNaN(row.MaxDifference) ? double.MaxValue : row.MaxDifference)!);
        var detail = "relative error against fp64: " + string.Join(", ",
            worst.Select(row => FormattableString.Invariant($"{row.Check} {row.MaxDifference:0.0e+0}")));
        if (TreeAttentionParity.Refusals.Count > 0)
        {
            detail += "; not used: " + Refusals();
        }

        return rows.All(row => row.Passed)
            ? new Finding(Check, Verdict.Good, detail)
            : new Finding(Check, Verdict.Bad, detail, "These kernels compute something else: don't train with them.");
    }

    private static string Refusals() => string.Join("; ", TreeAttentionParity.Refusals);
}
