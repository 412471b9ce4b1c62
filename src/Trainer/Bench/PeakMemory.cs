using System.Globalization;
using Forge.Learning.Fused;
using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Bench;

/// <summary>
/// Measures the most memory held since a reset: what tensors occupy on a CUDA device, the process's resident set on the CPU (weights,
/// optimizer and the program itself included).
/// </summary>
/// <remarks>The resident set keeps some of what allocators hold back for reuse, so on the CPU the smaller of two is measured first.</remarks>
internal sealed class PeakMemory(Device device)
{
    private const string ResetFile = "/proc/self/clear_refs";
    private const string StatusFile = "/proc/self/status";
    private const string PeakLine = "VmHWM:";

    private bool IsCuda => device.type == DeviceType.CUDA;

    public void Reset()
    {
        FusedKernels.TrimMemory();
        if (IsCuda)
        {
            CudaMemory.ResetPeak(Math.Max(0, device.index));
        }
        else if (File.Exists(ResetFile))
        {
            // 5 sets the peak to what is resident now: proc(5).
            File.WriteAllText(ResetFile, "5");
        }
    }

    /// <summary>In bytes; 0 on a system without /proc.</summary>
    public long Bytes => IsCuda ? CudaMemory.Of(Math.Max(0, device.index)).AllocatedPeak : ResidentPeak();

    private static long ResidentPeak()
    {
        var line = File.Exists(StatusFile) ? File.ReadLines(StatusFile).FirstOrDefault(text => text.StartsWith(PeakLine, StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line[PeakLine.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
