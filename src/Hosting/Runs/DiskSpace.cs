using System.Globalization;
using Forge.Core.Faults;

namespace Forge.Hosting.Runs;

/// <summary>Compares what a run will write with what the disk has left.</summary>
public static class DiskSpace
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes that this user may still write below <paramref name="folder"/>.</summary>
    public static long Free(string folder) => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    /// <summary>Refuses to start what can't end.</summary>
    /// <param name="folder">Where it will be written.</param>
    /// <param name="bytes">The most that it will take.</param>
    /// <param name="what">What takes it, such as <c>4 checkpoints of 6.1 MB</c>.</param>
    /// <exception cref="ForgeException">Less is free; the message gives both sizes.</exception>
    public static void Require(string folder, long bytes, string what)
    {
        if (Free(folder) is var free && free < bytes)
        {
            throw new ForgeException(
                $"The run may write {Show(bytes)} to '{folder}' ({what}), and only {Show(free)} are free. "
                + "Free some space, choose another --run-dir, or lower trainer.keep_last.");
        }
    }

    /// <summary>A size for people: <c>6.1 MB</c>.</summary>
    public static string Show(long bytes)
    {
        var power = bytes <= 0 ? 0 : Math.Min(Units.Length - 1, (int)(Math.Log10(bytes) / 3));
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(1000, power):0.#} {Units[power]}");
    }
}
