namespace Forge.AgentSide.Examination;

/// <summary>What a check of an environment came to.</summary>
public enum ExaminationVerdict
{
    Passed,

    Failed,

    /// <summary>The environment lacks what the check needs, such as a scripted player.</summary>
    Skipped,
}
