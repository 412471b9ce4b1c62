using System.Collections.Immutable;

namespace Forge.AgentSide.Examination;

/// <summary>What an examination found.</summary>
/// <param name="Environment">The environment's name.</param>
/// <param name="Findings">One per check, in a fixed order.</param>
/// <param name="Costs">One per level; empty without a scripted player.</param>
public sealed record ExaminationReport(string Environment, ImmutableArray<ExaminationFinding> Findings, ImmutableArray<LevelCost> Costs)
{
    /// <summary>What must be mended before training on the environment makes sense.</summary>
    public IEnumerable<ExaminationFinding> Failures => Findings.Where(finding => finding.Verdict == ExaminationVerdict.Failed);
}
