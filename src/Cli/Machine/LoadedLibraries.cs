namespace Forge.Cli.Machine;

/// <summary>Looks at which shared libraries this process has mapped.</summary>
internal static class LoadedLibraries
{
    private static readonly string[] OpenMpNames = ["libgomp", "libiomp5", "libomp"];

    /// <summary>Paths of every OpenMP runtime in the process: with more than one, their thread pools fight for the cores.</summary>
    public static IReadOnlyList<string> OpenMpRuntimes() => Matching(OpenMpNames);

    /// <summary>Paths of the OpenBLAS libraries in the process.</summary>
    public static IReadOnlyList<string> OpenBlas() => Matching(["libopenblas"]);

    /// <summary>Paths of the libtorch libraries in the process.</summary>
    public static IReadOnlyList<string> Torch() => Matching(["libtorch_cpu", "libtorch_cuda"]);

    internal static IReadOnlyList<string> Matching(IEnumerable<string> maps, IReadOnlyCollection<string> names)
        => [.. maps
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var start ? line[start..] : "")
            .Where(path => names.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)))
            .Distinct().Order(StringComparer.Ordinal)];

    private static IReadOnlyList<string> Matching(string[] names)
        => File.Exists("/proc/self/maps") ? Matching(File.ReadLines("/proc/self/maps"), names) : [];
}
