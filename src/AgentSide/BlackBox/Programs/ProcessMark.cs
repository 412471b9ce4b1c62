using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>An environment variable of its own value, which all processes of one episode inherit and are found by.</summary>
internal sealed class ProcessMark(TimeProvider time)
{
    private const string Variable = "FORGE_PROCESS";
    private const int MaxRounds = 50;

    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(20);

    private readonly string _value = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    public void PutOn(ProcessStartInfo start) => start.Environment[Variable] = _value;

    /// <summary>Kills until nobody carries the mark: a process that forks while it is looked for is found in the next round.</summary>
    public async Task KillAllAsync()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var carriers = Carriers();
            if (carriers.Count == 0)
            {
                return;
            }

            carriers.ForEach(Kill);
            await Task.Delay(BetweenRounds, time);
        }
    }

    private List<int> Carriers()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var mark = Encoding.ASCII.GetBytes($"{Variable}={_value}");
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && EnvironmentOf(id).AsSpan().IndexOf(mark) >= 0)];
    }

    // Other users' processes can't be read, and are not ours; one that has ended has no environment.
    private static byte[] EnvironmentOf(int process)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{process}/environ");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended by itself in between.
        }
    }
}
