using System.Diagnostics;

namespace Forge.Hosting.Local;

/// <summary>Looks after a server by the process id that it left in a file.</summary>
internal static class ServerProcess
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>The id in the first line of <paramref name="pidFile"/>, when a living process of this name has it.</summary>
    public static int? Find(string pidFile, string name)
    {
        try
        {
            return int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), out var id) && IsAlive(id, name) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether any living process stands in <paramref name="folder"/>.</summary>
    public static bool AnyIn(string folder)
        => Directory.EnumerateDirectories("/proc").Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0]))
            .Any(process => WorkingFolder(process) == folder);

    /// <summary>SIGKILL for the process and its children; returns when it is gone.</summary>
    public static async Task KillAsync(int id, string name, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // It ended in the meantime.
        }

        while (IsAlive(id, name))
        {
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static string? WorkingFolder(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget;
        }
        catch (SystemException fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Fields of /proc/ID/stat: id (name) state …; a zombie is gone but for its parent.
    private static bool IsAlive(int id, string name)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var end = stat.LastIndexOf(')');
            return stat[(stat.IndexOf('(') + 1)..end] == name && stat[end + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
