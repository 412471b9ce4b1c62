using System.Runtime.InteropServices;
using System.Text;
using Forge.Core.Faults;
using Microsoft.Win32.SafeHandles;

namespace Forge.Sandbox;

/// <summary>
/// Reads and writes files of a folder that a stranger's programs have written to. No symbolic link is followed anywhere on the way and
/// nothing outside is reached (Linux: openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), and only regular files are opened.
/// </summary>
public sealed unsafe partial class FolderFiles(string folder)
{
    private const int OpenAt2 = 437;
    private const int NoSuchFile = 2;
    private const int NotADirectory = 20;
    private const int Exists = 17;

    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Truncate = 0x200;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int StayInside = 0x01 | 0x02 | 0x04 | 0x08;

    // The two numbers that AArch64 exchanges with other flags.
    private static readonly int FolderFlag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <summary>The folder on this machine.</summary>
    public string Folder { get; } = folder;

    /// <summary>Reads a file whole; null when there is none. Throws when it is longer than <paramref name="most"/>, a link, or no regular file.</summary>
    public byte[]? Read(string path, int most)
    {
        using var root = OpenRoot();
        using var handle = Open(root, Checked(path), NonBlocking, 0);
        if (handle is null)
        {
            return null;
        }

        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var length = file.CanSeek ? file.Length : throw Refused(path, "it is no regular file");
        if (length > most)
        {
            throw Refused(path, $"it has {length} bytes, and at most {most} are read");
        }

        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Makes or replaces a file, with the folders on the way.</summary>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        var parts = Checked(path).Split('/');
        using var root = OpenRoot();
        for (var count = 1; count < parts.Length; count++)
        {
            MakeFolder(root, string.Join('/', parts[..count]));
        }

        using var handle = Open(root, path, WriteOnly | Create | Truncate | NonBlocking, 0x1A4) ?? throw Refused(path, "it cannot be made");
        using var file = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        file.Write(content);
    }

    internal static string Checked(string path)
        => path.Length > 0 && !path.Contains('\0') && path.Split('/').All(part => part is not ("" or "." or ".."))
            ? path
            : throw new ArgumentException($"'{path}' is no relative path of a file; it may not be empty, absolute, or have '.' or '..' in it.", nameof(path));

    private void MakeFolder(SafeFileHandle root, string path)
    {
        var cut = path.LastIndexOf('/');
        using var parent = cut < 0 ? null : Open(root, path[..cut], PathOnly | FolderFlag, 0);
        var holder = parent ?? root;
        if (MkDirAt((int)holder.DangerousGetHandle(), path[(cut + 1)..], 0x1ED) != 0 && Marshal.GetLastPInvokeError() != Exists)
        {
            throw Refused(path, Marshal.GetLastPInvokeErrorMessage());
        }
    }

    private SafeFileHandle OpenRoot()
    {
        var handle = OpenPath(Folder, PathOnly | FolderFlag | CloseOnExec);
        return handle >= 0 ? new SafeFileHandle(handle, ownsHandle: true) : throw Refused("", Marshal.GetLastPInvokeErrorMessage());
    }

    private SafeFileHandle? Open(SafeFileHandle root, string path, int flags, ulong mode)
    {
        ReadOnlySpan<ulong> how = [(ulong)(uint)(flags | CloseOnExec), mode, StayInside];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        fixed (ulong* settings = how)
        {
            var handle = SystemCall(OpenAt2, root.DangerousGetHandle(), (nint)name, (nint)settings, how.Length * sizeof(ulong));
            if (handle >= 0)
            {
                return new SafeFileHandle(handle, ownsHandle: true);
            }
        }

        return Marshal.GetLastPInvokeError() is NoSuchFile or NotADirectory ? null : throw Refused(path, Marshal.GetLastPInvokeErrorMessage());
    }

    private EnvironmentFaultException Refused(string path, string reason)
        => new($"The file '{path}' of the sandbox's folder {Folder} is not touched: {reason}. Links and special files are never followed.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkDirAt(int folder, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint folder, nint path, nint how, nint size);
}
