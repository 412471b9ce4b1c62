namespace Forge.Hosting.Keys;

/// <summary>The run that this process serves: keys of other runs are refused.</summary>
internal sealed record ServedRun(string Name);
