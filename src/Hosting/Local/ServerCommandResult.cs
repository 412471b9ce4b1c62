namespace Forge.Hosting.Local;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 is success.</param>
/// <param name="Output">Standard output and standard error.</param>
internal readonly record struct ServerCommandResult(int ExitCode, string Output);
