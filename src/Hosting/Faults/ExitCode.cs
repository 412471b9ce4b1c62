namespace Forge.Hosting.Faults;

/// <summary>What a process says to the shell when it ends.</summary>
public enum ExitCode
{
    Success = 0,

    /// <summary>The work was understood and failed.</summary>
    Failure = 1,

    /// <summary>The command line or the run file is wrong; nothing was started.</summary>
    Usage = 2,

    /// <summary>The user interrupted it (128 + SIGINT).</summary>
    Interrupted = 130,
}
