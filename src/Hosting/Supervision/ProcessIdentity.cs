using System.Globalization;
using System.Runtime.InteropServices;

namespace Forge.Hosting.Supervision;

/// <summary>
/// Names one process for good: a process id is given away again after its process, but never together with the same start time. A signal is
/// sent to nobody else.
/// </summary>
/// <param name="Id">The process id.</param>
/// <param name="Start">Field 22 of /proc/ID/stat: ticks from the system's start to the process's.</param>
public readonly partial record struct ProcessIdentity(int Id, ulong Start)
{
    // Fields after the name in parentheses, which may hold spaces itself: state is the first, starttime the 20th.
    private const int StartField = 19;

    /// <summary>This process.</summary>
    public static ProcessIdentity Own => Of(Environment.ProcessId)
        ?? throw new PlatformNotSupportedException("Processes are told apart by /proc, which is missing here.");

    /// <summary>The living process with an id; null when there is none.</summary>
    public static ProcessIdentity? Of(int id) => Read(id) is { IsDead: false } found ? new ProcessIdentity(id, found.Start) : null;

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static ProcessIdentity? Parse(string? text)
        => text?.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var id, var start]
            && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new ProcessIdentity(number, ticks) : null;

    /// <summary>The living process that a file names; null when the file is missing or the process is gone.</summary>
    public static ProcessIdentity? FromFile(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path)) is { IsAlive: true } found ? found : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>True while it runs; a zombie does not.</summary>
    public bool IsAlive => Read(Id) is { IsDead: false } found && found.Start == Start;

    /// <summary>Sends a signal; false when the process is gone.</summary>
    public bool Signal(int signal) => IsAlive && Kill(Id, signal) == 0;

    /// <summary>Waits until the process is gone.</summary>
    public async Task GoneAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (IsAlive)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {Start}");

    private static (bool IsDead, ulong Start)? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0] is "Z" or "X", ulong.Parse(fields[StartField], CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
