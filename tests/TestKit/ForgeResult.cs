namespace Forge.TestKit;

/// <summary>How a process ended.</summary>
public sealed record ForgeResult(int ExitCode, string Output, string Error);
