namespace Forge.Hosting.Supervision;

/// <summary>What a supervisor does with a process.</summary>
public enum ProcessState
{
    Running,

    /// <summary>It died, and is started again after a pause.</summary>
    Restarting,
    Ended,
}
