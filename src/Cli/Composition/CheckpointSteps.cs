using System.Globalization;

namespace Forge.Cli.Composition;

/// <summary>Reads step numbers off the names of checkpoint folders.</summary>
internal static class CheckpointSteps
{
    private const string Prefix = "step-";

    /// <summary>The step of <c>step-000012</c>; 0 for null and for any other name.</summary>
    public static long Of(string? folder)
        => Path.GetFileName(folder) is { } name && name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? step
            : 0;
}
