namespace Forge.Sandbox;

/// <summary>How a program came to its end.</summary>
public enum SandboxEnd
{
    /// <summary>By itself, with an exit code.</summary>
    Exited,

    /// <summary>By a signal that no limit sent.</summary>
    Signalled,

    /// <summary>It was ended because it went over a limit; the result names it.</summary>
    LimitReached,

    /// <summary>Its wall-clock time was over.</summary>
    TimedOut,

    /// <summary>By <see cref="SandboxCommand.Stop"/>.</summary>
    Stopped,
}
