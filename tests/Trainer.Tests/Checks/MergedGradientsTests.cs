using Forge.Learning.Model;
using Forge.Trainer.Checks;

namespace Forge.Trainer.Tests.Checks;

/// <summary>The check that <c>forge doctor --device cuda</c> makes in bf16, here in fp32 on the CPU.</summary>
public sealed class MergedGradientsTests
{
    private const int Seeds = 9;

    [Fact]
    public void Merging_costs_no_precision()
    {
        var rows = MergedGradients.Run(ModelPlacement.CpuFloat32, Seeds, reduction: 45);

        Assert.Equal(Seeds, rows.Count);
        Assert.All(rows, row => Assert.True(row.SeparateRows > 2 * row.MergedRows));
        Assert.All(rows, row => Assert.InRange(row.ExactMerged, 0, 1e-13));
        Assert.All(rows, row => Assert.InRange(row.Separate, 1e-9, 1e-5));
        Assert.InRange(Median(rows.Select(row => row.Merged)) / Median(rows.Select(row => row.Separate)), 0.5, 1.1);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Seeds / 2);
}
