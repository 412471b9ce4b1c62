using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Forge.DataPool.Checking;

/// <summary>What a checker found out about a run.</summary>
/// <param name="Faults">Faults that were injected.</param>
/// <param name="AckedLost">Completions and results that were acknowledged and are not in the store.</param>
/// <param name="TrainedTwice">Groups that entered more than one optimizer step, or a step that the trainer did not make.</param>
/// <param name="Skipped">Groups before the oldest in flight that the consumption log does not have, and steps that it lacks groups of.</param>
/// <param name="StaleKept">Records of replaced attempts that were kept.</param>
/// <param name="OrderViolations">Groups that were taken where the window did not allow it.</param>
/// <param name="LogHoles">Steps that the consumption log lacks, and places within steps.</param>
/// <param name="LastStep">The last acknowledged step.</param>
/// <param name="Findings">Every violation in words, the first hundred.</param>
public sealed record HistoryReport(
    int Faults,
    int AckedLost,
    int TrainedTwice,
    int Skipped,
    int StaleKept,
    int OrderViolations,
    int LogHoles,
    long LastStep,
    ImmutableArray<string> Findings)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>True when nothing was violated.</summary>
    public bool Ok => AckedLost + TrainedTwice + Skipped + StaleKept + OrderViolations + LogHoles == 0;

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
