namespace Forge.Learning.Checks;

/// <summary>One comparison with expected values.</summary>
/// <param name="Check">What was compared, such as <c>seq0.logits</c>.</param>
/// <param name="MaxDifference">Largest absolute difference; for exact values the number that differ; NaN if any value
/// is not a number.</param>
/// <param name="Tolerance">The difference must stay below it; 0 asks for equality.</param>
public sealed record ParityRow(string Check, double MaxDifference, double Tolerance)
{
    public bool Passed => Tolerance == 0 ? MaxDifference == 0 : MaxDifference < Tolerance;
}
