namespace Forge.Hosting.RunFiles;

/// <summary>One thing that is wrong with a run file.</summary>
/// <param name="Place">Where: <c>configs/quickstart.yaml:12</c>, or <c>--set</c>.</param>
/// <param name="Path">The key's full path, such as <c>trainer.learning_rate</c>; empty for the file itself.</param>
/// <param name="Problem">What is wrong, with the value, and what to do.</param>
public sealed record Violation(string Place, string Path, string Problem)
{
    public override string ToString() => Path.Length == 0 ? $"{Place}: {Problem}" : $"{Place}: {Path}: {Problem}";
}
