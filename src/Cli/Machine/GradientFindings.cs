using Forge.Cli.Composition;
using Forge.Trainer.Checks;

namespace Forge.Cli.Machine;

/// <summary>Checks that merging prefixes costs no precision on the GPU: bf16 gradients, merged and apart, against fp64.</summary>
internal static class GradientFindings
{
    private const string Check = "merged gradients";

    private const int Seeds = 9;

    // What merging may cost: nothing but the noise of a median over seeds.
    private const double MostRatio = 1.1;

    private const double ExactTolerance = 1e-9;

    public static Finding OfCuda()
    {
        var rows = MergedGradients.Run(PolicyFolder.Placement("cuda", "bfloat16"), Seeds);
        var (merged, apart) = (Median(rows.Select(row => row.Merged)), Median(rows.Select(row => row.Separate)));
        var exact = rows.Max(row => row.ExactMerged);
        var detail = FormattableString.Invariant($"bf16 against fp64, same experts, median of {Seeds} seeds: {merged:0.00e+0} merged ")
            + FormattableString.Invariant($"({rows[0].MergedRows} rows), {apart:0.00e+0} apart ({rows[0].SeparateRows} rows), ")
            + FormattableString.Invariant($"ratio {merged / apart:0.000}; fp64 merged {exact:0.0e+0}");
        return merged <= MostRatio * apart && exact < ExactTolerance
            ? new Finding(Check, Verdict.Good, detail)
            : new Finding(Check, Verdict.Bad, detail, $"Merging loses precision here (at most {MostRatio} is expected): train with trainer.merge=none.");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Seeds / 2);
}
