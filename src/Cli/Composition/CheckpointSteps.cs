using System.Globalization;

namespace Forge.Cli.Composition;

/// <summary>Reads step numbers off the names of checkpoint folders.</summary>
internal static class CheckpointSteps
{
    private const string Prefix = "step-";

    /// <summary>The newest step below <paramref name="folder"/>; 0 when there is none.</summary>
    public static long Newest(string folder)
        => !Directory.Exists(folder) ? 0 : Directory.GetDirectories(folder, Prefix + "*")
            .Select(path => long.TryParse(Path.GetFileName(path)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : 0)
            .DefaultIfEmpty(0).Max();
}
