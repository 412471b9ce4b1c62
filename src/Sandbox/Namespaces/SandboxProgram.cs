using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Forge.Core.Faults;
using Forge.Sandbox.Running;

namespace Forge.Sandbox.Namespaces;

/// <summary>The program <c>forge-sandbox</c> of <c>native/sandbox</c>: where it is, how it is asked, how it is stopped.</summary>
public static partial class SandboxProgram
{
    private const int Terminate = 15;

    /// <summary>Beside the native library.</summary>
    public static string Path { get; } = System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("FORGE_NATIVE_DIR") ?? AppContext.BaseDirectory, "forge-sandbox");

    /// <summary>Makes an empty sandbox and says what holds it; throws a ForgeException that says what this machine lacks.</summary>
    public static async Task<string> ProbeAsync(CancellationToken cancellationToken)
    {
        using var program = Start(["--probe"], new Dictionary<string, string>(), new SandboxOptions());
        await program.FinishAsync(new SandboxCommand { Words = [] }, TimeSpan.FromSeconds(30), cancellationToken);
        var report = HelperReport.Parse(program.Output.Text);
        var landlock = report.Landlock > 0 ? string.Create(CultureInfo.InvariantCulture, $"Landlock {report.Landlock}") : "no Landlock";
        return $"namespaces, seccomp, {landlock}; memory by {report.MemoryBy}, processes by {report.ProcessesBy}";
    }

    internal static StartedProgram Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, SandboxOptions options)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new ForgeException("sandbox.provider 'namespaces' needs Linux; this is another system. Set sandbox.provider to process, which shuts nothing in.");
        }

        if (!File.Exists(Path))
        {
            throw new ForgeException($"{Path} is missing: start through ./forge, which builds it, or set FORGE_NATIVE_DIR to its folder.");
        }

        return StartedProgram.Start([Path, .. arguments], environment, "/", options, Stop);
    }

    /// <summary>Asks for the end; the helper then ends the sandbox, and takes its control groups away.</summary>
    private static void Stop(Process process)
    {
        if (!process.HasExited)
        {
            // An end in between is no harm: the id is free only when this process has collected it.
            _ = Kill(process.Id, Terminate);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
