using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Core.Faults;

namespace Forge.Sandbox.Namespaces;

/// <summary>What <c>forge-sandbox</c> says about a run.</summary>
internal sealed partial record HelperReport
{
    private const int XCpu = 24;
    private const int XFsz = 25;
    private const int Kill = 9;

    public required string End { get; init; }

    public string Message { get; init; } = "";

    public int Code { get; init; }

    public int Signal { get; init; }

    public long MemoryKills { get; init; }

    public long MemoryPeak { get; init; }

    public long RefusedProcesses { get; init; }

    public string MemoryBy { get; init; } = "";

    public string ProcessesBy { get; init; } = "";

    public int Landlock { get; init; }

    public static HelperReport Parse(string json)
    {
        try
        {
            var report = JsonSerializer.Deserialize(json, ReportJson.Default.HelperReport)!;
            return report.End != "fault" ? report : throw new ForgeException($"The sandbox could not be made: {report.Message}.");
        }
        catch (JsonException error)
        {
            throw new InfrastructureFaultException($"forge-sandbox left no report ('{json}'); it was killed, or its version differs from this one's.", error);
        }
    }

    /// <summary>The limit that ended the program; a shell tells the death of its child by code 128 + signal.</summary>
    public SandboxLimit Limit => (Signal > 0 ? Signal : Code - 128) switch
    {
        Kill when MemoryKills > 0 => SandboxLimit.Memory,
        XCpu => SandboxLimit.ProcessorTime,
        XFsz => SandboxLimit.FileSize,
        _ => SandboxLimit.None,
    };

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(HelperReport))]
    private sealed partial class ReportJson : JsonSerializerContext;
}
