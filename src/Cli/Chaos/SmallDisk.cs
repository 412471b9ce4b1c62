using System.Diagnostics;
using Forge.Core.Faults;

namespace Forge.Cli.Chaos;

/// <summary>A small file system in memory over a folder, which can be filled to its last byte. Only root can have one.</summary>
internal sealed class SmallDisk(string folder)
{
    private const string Size = "3g";

    private string Fillers => Path.Combine(folder, "filler");

    public static bool IsPossible => Environment.UserName == "root";

    /// <exception cref="ForgeException">The system does not mount it, as in containers without the right to.</exception>
    public async Task MountAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await RequireAsync(["mount", "-t", "tmpfs", "-o", $"size={Size},mode=0755", "forge-chaos", folder], cancellationToken);
    }

    /// <summary>Leaves no room on it for a while; what others free meanwhile is taken too.</summary>
    public async Task FillAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        Directory.CreateDirectory(Fillers);
        try
        {
            for (var number = 0; Stopwatch.GetElapsedTime(started) < lasts; number++)
            {
                Take(Path.Combine(Fillers, $"{number}"));
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
        finally
        {
            Directory.Delete(Fillers, recursive: true);
        }
    }

    /// <summary>Puts what is on it into an ordinary folder of the same name, and gives its memory back.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        var kept = folder + ".kept";
        await RequireAsync(["cp", "-a", folder, kept], cancellationToken);
        await RequireAsync(["umount", "-l", folder], cancellationToken);
        Directory.Delete(folder);
        Directory.Move(kept, folder);
    }

    // Reserves all there is; others may take some of it first.
    private void Take(string path)
    {
        for (var size = new DriveInfo(folder).AvailableFreeSpace; size > 0; size = Math.Min(size / 2, new DriveInfo(folder).AvailableFreeSpace))
        {
            try
            {
                using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = size });
                return;
            }
            catch (IOException)
            {
                // Somebody was faster.
            }
        }
    }

    private static async Task RequireAsync(string[] command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        var words = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new ForgeException($"'{string.Join(' ', command)}' failed: {words.Trim()}");
        }
    }
}
