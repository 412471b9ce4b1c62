namespace Forge.Cli.Tests;

/// <summary>How a process ended.</summary>
internal sealed record ForgeResult(int ExitCode, string Output, string Error);
