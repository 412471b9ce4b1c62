namespace Forge.Sandbox.Running;

/// <summary>The files of a verifier on this machine, in a folder that only this user can enter, for as long as the verifier runs.</summary>
internal sealed class VerifierFolder : IDisposable
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Enterable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _private = Directory.CreateTempSubdirectory("forge-verifier-").FullName;

    public VerifierFolder(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Sandboxes need Linux or another Unix.");
        }

        // A bind mount shows the inner folder to another user without opening the outer one.
        Path = System.IO.Path.Combine(_private, "files");
        Directory.CreateDirectory(Path, Readable | Enterable | UnixFileMode.UserWrite);
        var folder = new FolderFiles(Path);
        foreach (var (path, content) in files)
        {
            folder.Write(path, content.Span);
            File.SetUnixFileMode(System.IO.Path.Combine(Path, path), Readable | Enterable | UnixFileMode.UserWrite);
        }
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(_private, recursive: true);
}
