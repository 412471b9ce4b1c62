using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Nodes;

namespace Forge.Cli.Machine;

/// <summary>Says on what a figure was measured.</summary>
/// <param name="Cpu">The processor's name.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="Avx512">Whether the processor has AVX-512 (F, BW, DQ, VL).</param>
/// <param name="MemoryGigabytes">Physical memory in 10⁹ bytes.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">The .NET runtime.</param>
internal sealed record MachineDescription(string Cpu, int Cores, bool Avx512, double MemoryGigabytes, string System, string Runtime)
{
    public static MachineDescription Here() => new(
        CpuName(),
        Environment.ProcessorCount,
        Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    public JsonObject ToJson() => new()
    {
        ["cpu"] = Cpu,
        ["cores"] = Cores,
        ["avx512"] = Avx512,
        ["memory_gb"] = MemoryGigabytes,
        ["system"] = System,
        ["runtime"] = Runtime,
    };

    public override string ToString() => $"{Cpu}, {Cores} cores{(Avx512 ? ", AVX-512" : "")}, {MemoryGigabytes} GB, {System}, {Runtime}";

    private static string CpuName()
    {
        var lines = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo") : [];
        return lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } name
            ? name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();
    }
}
