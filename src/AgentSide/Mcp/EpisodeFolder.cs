namespace Forge.AgentSide.Mcp;

/// <summary>A folder of one episode's own, gone with it.</summary>
internal sealed class EpisodeFolder : IDisposable
{
    /// <param name="files">What it begins with; empty for nothing.</param>
    public EpisodeFolder(string files)
    {
        if (files.Length > 0)
        {
            Copy(files, Path);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("forge-episode-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        }

        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Directory.CreateDirectory(System.IO.Path.Combine(to, System.IO.Path.GetFileName(folder))).FullName);
        }
    }
}
