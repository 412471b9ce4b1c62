using Forge.Cli.Composition;
using Forge.Core.Faults;
using Forge.Learning.Checks;

namespace Forge.Cli.Machine;

/// <summary>Compares the model's arithmetic on this machine with recorded reference outputs.</summary>
internal static class GoldenFindings
{
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="folder">One checkpoint with <c>golden/outputs.safetensors</c>, or a folder of such folders.</param>
    public static IEnumerable<Finding> Of(string device, string folder)
    {
        var candidates = Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Prepend(folder) : [];
        var found = candidates.Where(Holds).Select(path => Check(device, path)).ToList();
        return found.Count > 0 ? found
            : [new Finding(
                "golden parity",
                Verdict.Bad,
                $"'{folder}' holds no MiniMax-M2 checkpoint with golden/outputs.safetensors, nor does a folder in it",
                "Give the folder of reference data, such as tests/golden.")];
    }

    private static bool Holds(string folder)
        => File.Exists(Path.Combine(folder, "golden", "outputs.safetensors"))
            && File.ReadAllText(Path.Combine(folder, "config.json")).Contains("\"minimax_m2\"", StringComparison.Ordinal);

    private static Finding Check(string device, string folder)
    {
        var name = $"parity {Path.GetFileName(folder)}";
        try
        {
            using var parity = new GoldenParity(folder, PolicyFolder.Placement(device, "float32"));
            var rows = parity.Run();
            var strays = rows.Where(row => !row.Passed).ToList();
            return strays.Count == 0
                ? new Finding(name, Verdict.Good, $"{rows.Count} comparisons within tolerance on {device}")
                : new Finding(name, Verdict.Bad, Differences(rows, strays), "This build computes something else: don't train with it.");
        }
        catch (ForgeException error)
        {
            return new Finding(name, Verdict.Bad, error.Message);
        }
    }

    private static string Differences(IReadOnlyList<ParityRow> rows, List<ParityRow> strays)
        => $"{strays.Count} of {rows.Count} differ: "
            + string.Join("; ", strays.Take(5).Select(row => FormattableString.Invariant($"{row.Check} by {row.MaxDifference:0.0e+0}")));
}
