using System.Globalization;
using System.Runtime.InteropServices;
using Forge.Core.Faults;
using Forge.Hosting.Runs;
using Forge.Sandbox.Namespaces;

namespace Forge.Cli.Machine;

/// <summary>Runs the checks of <c>forge doctor</c>, one finding each; a check that can't even start is a bad finding, never a crash.</summary>
internal static class Examination
{
    private const long ComfortableDiskBytes = 2_000_000_000;

    private static readonly string[] OpenMpSettings = ["OMP_NUM_THREADS", "OMP_WAIT_POLICY"];

    public static IEnumerable<Finding> Run(string device, string? goldenFolder)
    {
        var machine = MachineDescription.Here();
        yield return new Finding("machine", machine.Avx512 ? Verdict.Good : Verdict.Warning, machine.ToString(),
            machine.Avx512 ? "" : "Without AVX-512 the CPU kernels run at about half their speed.");
        yield return NativeLibraryFinding();
        foreach (var finding in TorchFindings.Of(device))
        {
            yield return finding;
        }

        yield return OpenMpFinding();
        yield return OpenBlasFinding(machine);
        yield return DiskFinding();
        yield return SandboxFinding();
        if (goldenFolder is not null)
        {
            foreach (var finding in GoldenFindings.Of(device, goldenFolder))
            {
                yield return finding;
            }
        }
    }

    private static Finding NativeLibraryFinding()
    {
        var folder = Environment.GetEnvironmentVariable("FORGE_NATIVE_DIR") ?? AppContext.BaseDirectory;
        var path = Path.Combine(folder, "libforge_native.so");
        try
        {
            NativeLibrary.Load(path);
            return new Finding("native library", Verdict.Good, path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return new Finding("native library", Verdict.Bad, error.Message, "Start through ./forge, which builds it; or set FORGE_NATIVE_DIR to its folder.");
        }
    }

    // Only runs whose agents start programs need it.
    private static Finding SandboxFinding()
    {
        try
        {
            return new Finding("sandbox", Verdict.Good, SandboxProgram.ProbeAsync(CancellationToken.None).GetAwaiter().GetResult());
        }
        catch (ForgeException error)
        {
            return new Finding("sandbox", Verdict.Warning, error.Message,
                "Until then programs of agents can only run with sandbox.provider: process, which shuts nothing in.");
        }
    }

    private static Finding OpenMpFinding()
    {
        var runtimes = LoadedLibraries.OpenMpRuntimes();
        var settings = string.Join(", ", OpenMpSettings.Select(name => $"{name}={Environment.GetEnvironmentVariable(name) ?? "unset"}"));
        return runtimes.Count == 1
            ? new Finding("OpenMP", Verdict.Good, $"{runtimes[0]}, {settings}")
            : new Finding("OpenMP", Verdict.Bad, $"{runtimes.Count} runtimes: {string.Join(", ", runtimes)}; {settings}",
                "Exactly one OpenMP runtime must be loaded: several pools fight for the cores. Install libopenblas0-openmp and start through ./forge.");
    }

    private static Finding OpenBlasFinding(MachineDescription machine)
    {
        var libraries = LoadedLibraries.OpenBlas();
        var core = Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") ?? "chosen by OpenBLAS";
        if (libraries.Count == 0)
        {
            return new Finding("BLAS", Verdict.Good, "libtorch brings its own");
        }

        var detail = string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", libraries)}; kernels: {core}");
        return libraries.Any(path => path.Contains("pthread", StringComparison.Ordinal))
            ? new Finding("BLAS", Verdict.Bad, detail, "This OpenBLAS has a thread pool of its own: install libopenblas0-openmp and start through ./forge.")
            : machine.Avx512 && machine.Cpu.Contains("AMD", StringComparison.Ordinal) && core != "SkylakeX"
                ? new Finding("BLAS", Verdict.Warning, detail, "Set OPENBLAS_CORETYPE=SkylakeX (./forge does), or OpenBLAS uses AVX2 kernels here.")
                : new Finding("BLAS", Verdict.Good, detail);
    }

    private static Finding DiskFinding()
    {
        var free = DiskSpace.Free(Environment.CurrentDirectory);
        var detail = $"{DiskSpace.Show(free)} free in {Environment.CurrentDirectory}";
        return free >= ComfortableDiskBytes
            ? new Finding("disk", Verdict.Good, detail)
            : new Finding("disk", Verdict.Warning, detail, "Runs with several checkpoints may not fit; see --run-dir.");
    }
}
