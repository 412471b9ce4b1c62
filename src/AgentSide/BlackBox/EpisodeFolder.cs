using System.Text;
using Forge.Core.Ring;

namespace Forge.AgentSide.BlackBox;

/// <summary>What is kept of one episode that a program played.</summary>
/// <remarks>
/// <code>
/// episodes/{episode}/  work/          the working directory, as the program left it; work/.forge/task.json is FORGE_TASK, work/.forge/home its HOME
///                      stdout.txt     begin and end of what it said
///                      stderr.txt
///                      outcome.json   how it ended, for people and the viewer
/// </code>
/// </remarks>
internal sealed class EpisodeFolder
{
    private const long MaxAnswerBytes = 64 * 1024;

    private EpisodeFolder(string root) => Root = root;

    public string Root { get; }

    public string Work => Path.Combine(Root, "work");

    public string Home => Path.Combine(Work, ".forge", "home");

    public string Task => Path.Combine(Work, ".forge", "task.json");

    public string Output => Path.Combine(Root, "stdout.txt");

    public string Errors => Path.Combine(Root, "stderr.txt");

    public string Outcome => Path.Combine(Root, "outcome.json");

    /// <summary>Makes the folder anew; whatever an earlier run of this episode left is gone.</summary>
    public static EpisodeFolder Create(string parent, EpisodeId episode, string? files)
    {
        var folder = new EpisodeFolder(Path.Combine(Path.GetFullPath(parent), Uri.EscapeDataString(episode.Value)));
        if (Directory.Exists(folder.Root))
        {
            Directory.Delete(folder.Root, recursive: true);
        }

        Directory.CreateDirectory(folder.Home);
        if (files is not null)
        {
            Copy(files, folder.Work);
        }

        return folder;
    }

    /// <summary>Writes a file of the working directory; a script can be executed.</summary>
    public void Write(string path, string text)
    {
        var file = Path.Combine(Work, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        if (text.StartsWith("#!", StringComparison.Ordinal) && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>What the program left as its answer; null when it left none. A link is none: it could name a file of ours.</summary>
    public string? ReadAnswer()
    {
        var file = new FileInfo(Path.Combine(Work, ProgramTask.AnswerFile));
        if (!file.Exists || file.LinkTarget is not null || file.Length > MaxAnswerBytes)
        {
            return null;
        }

        return Encoding.UTF8.GetString(File.ReadAllBytes(file.FullName)).Trim();
    }

    /// <summary>The last lines of what the program said on standard error.</summary>
    public string LastErrors()
    {
        const int MaxLength = 1000;
        var text = File.Exists(Errors) ? File.ReadAllText(Errors).TrimEnd() : "";
        return text.Length <= MaxLength ? text : text[^MaxLength..];
    }

    /// <summary>Deletes links, and the largest files until the rest has at most so many bytes; gives the paths that went.</summary>
    public IReadOnlyList<string> Trim(long maxBytes)
    {
        var enumeration = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        var files = new DirectoryInfo(Work).EnumerateFiles("*", enumeration).OrderByDescending(file => file.Length).ToList();
        var total = files.Sum(file => file.Length);
        var gone = new List<string>();
        foreach (var file in files.TakeWhile(_ => total > maxBytes))
        {
            total -= file.Length;
            gone.Add(Path.GetRelativePath(Work, file.FullName));
            file.Delete();
        }

        return gone;
    }

    /// <summary>Deletes the oldest folders beyond so many; those of episodes that still run have no outcome, and stay.</summary>
    public static void KeepNewest(string parent, int count)
    {
        var folders = new DirectoryInfo(parent).GetDirectories()
            .Where(folder => File.Exists(Path.Combine(folder.FullName, "outcome.json")))
            .OrderByDescending(folder => folder.CreationTimeUtc).Skip(count);
        foreach (var folder in folders)
        {
            try
            {
                folder.Delete(recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another episode ended at the same moment and was faster.
            }
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
