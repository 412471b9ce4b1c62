using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Forge.Core.Storage;

/// <summary>Makes renames and new files of a folder survive a crash of the machine.</summary>
public static partial class DurableFolder
{
    private const int ReadOnly = 0;

    /// <summary>Flushes a folder's entries to the disk (fsync); does nothing where the system has no such call.</summary>
    /// <exception cref="IOException">The folder can't be opened or flushed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure(path);
        }

        try
        {
            if (Synchronize(descriptor) != 0)
            {
                throw Failure(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string path)
        => new($"Can't flush the folder '{path}' to the disk: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
