namespace Forge.Learning.Bench;

/// <summary>What one operator call costs.</summary>
/// <param name="Operator">Its plain name.</param>
/// <param name="Shape">The shape of both arguments, such as <c>16x16</c>.</param>
/// <param name="DirectNanoseconds">A call from C++.</param>
/// <param name="ManagedNanoseconds">A call from C#, the result's object and its disposal included.</param>
public sealed record TorchCallCost(string Operator, string Shape, double DirectNanoseconds, double ManagedNanoseconds)
{
    /// <summary>What C# adds to a direct call; the target is at most 1,000.</summary>
    public double OverheadNanoseconds => ManagedNanoseconds - DirectNanoseconds;
}
