namespace Forge.Core.Storage;

/// <summary>Writes files so that a crash leaves either the old content or the new, never a mixture.</summary>
public static class DurableFile
{
    /// <summary>Writes to a temporary file beside <paramref name="path"/>, flushes it to the disk, renames it, and flushes the folder.</summary>
    /// <exception cref="IOException">The disk is full or the folder can't be written; the old file is untouched and the temporary one removed.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            DurableFolder.Flush(folder);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
