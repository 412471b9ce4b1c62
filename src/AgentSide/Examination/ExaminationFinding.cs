namespace Forge.AgentSide.Examination;

/// <summary>The result of one check.</summary>
/// <param name="Check">Its name, such as <c>determinism</c>.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="Detail">What was found, with numbers.</param>
/// <param name="Remedy">What to do; empty when there is nothing to do.</param>
public sealed record ExaminationFinding(string Check, ExaminationVerdict Verdict, string Detail, string Remedy = "")
{
    internal static ExaminationFinding Passed(string check, FormattableString detail)
        => new(check, ExaminationVerdict.Passed, FormattableString.Invariant(detail));

    internal static ExaminationFinding Skipped(string check, string reason) => new(check, ExaminationVerdict.Skipped, reason);

    internal static ExaminationFinding Failed(string check, FormattableString detail, string remedy)
        => new(check, ExaminationVerdict.Failed, FormattableString.Invariant(detail), remedy);
}
