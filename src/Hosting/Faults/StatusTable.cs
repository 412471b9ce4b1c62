using Forge.Core.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Hosting.Faults;

/// <summary>The only place that decides what a failure looks like from outside.</summary>
public static class StatusTable
{
    /// <summary>Says how a process ends that failed with <paramref name="error"/>.</summary>
    public static ExitCode ExitCodeFor(Exception error) => error switch
    {
        UsageException or RunFileException => ExitCode.Usage,
        OperationCanceledException => ExitCode.Interrupted,
        _ => ExitCode.Failure,
    };

    /// <summary>True when the message alone tells the user what to do; otherwise the stack trace belongs in the report too.</summary>
    public static bool SpeaksForItself(Exception error) => error is ForgeException
        or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or IOException or OperationCanceledException;
}
