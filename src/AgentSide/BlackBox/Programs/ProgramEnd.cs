namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">
/// For people: harnesses exit with 0 when they failed and with 1 when they did not, so nothing is decided by it. Null when it was killed from here.
/// </param>
/// <param name="WasStopped">It was still running when it was told to stop.</param>
public sealed record ProgramEnd(int? ExitCode, bool WasStopped);
