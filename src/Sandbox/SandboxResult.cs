namespace Forge.Sandbox;

/// <summary>What became of one program.</summary>
public sealed record SandboxResult
{
    public required SandboxEnd End { get; init; }

    /// <summary>The limit that ended it; None unless <see cref="End"/> is LimitReached.</summary>
    public SandboxLimit Limit { get; init; }

    /// <summary>The exit code of a program that exited; 128 + signal of one that did not, as shells say it.</summary>
    public required int ExitCode { get; init; }

    public required CapturedOutput Output { get; init; }

    public required CapturedOutput Error { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>How often the program could not start a process because of the bound; 0 also where nobody counts.</summary>
    public long RefusedProcesses { get; init; }

    /// <summary>Processes that the kernel ended because the memory was used up; the program itself may have gone on.</summary>
    public long MemoryKills { get; init; }

    /// <summary>Most bytes in use at one time; 0 where nobody counts.</summary>
    public long MemoryPeak { get; init; }

    public bool Succeeded => End == SandboxEnd.Exited && ExitCode == 0;
}
