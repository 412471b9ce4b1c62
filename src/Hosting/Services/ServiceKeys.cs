using System.Text;
using Forge.Core.Faults;
using Forge.Hosting.Keys;

namespace Forge.Hosting.Services;

/// <summary>Reads the keys that a run's <c>security</c> section names.</summary>
public static class ServiceKeys
{
    private const long MostTokenBytes = 4096;

    /// <summary>The admin key that services send to one another; null when none is configured.</summary>
    /// <exception cref="ForgeException">The token file can't be read, or is empty.</exception>
    public static string? Token(SecurityOptions security, string runDirectory)
    {
        if (security.TokenFile is null)
        {
            return security.Token is null or { Length: > 0 } ? security.Token
                : throw new ForgeException("security.token is empty: set the environment variable that it names, or leave the key out.");
        }

        var path = Path.GetFullPath(security.TokenFile, runDirectory);
        if (!File.Exists(path) || new FileInfo(path).Length > MostTokenBytes)
        {
            throw new ForgeException(
                $"security.token_file '{path}' does not exist or is over {MostTokenBytes} bytes. 'forge up' makes one; or write the key into it, with mode 600.");
        }

        return File.ReadAllText(path).Trim() is { Length: > 0 } token ? token
            : throw new ForgeException($"security.token_file '{path}' is empty. Delete it and let 'forge up' make one, or write the key into it.");
    }

    /// <summary>Every key that a service accepts at its start.</summary>
    public static KeyRing Ring(SecurityOptions security, string runDirectory, TimeProvider time)
    {
        var keys = new KeyRing(time);
        if (Token(security, runDirectory) is { } token)
        {
            keys.Add(token, KeyScope.Admin);
        }

        if (security.KeysFile is { } file)
        {
            foreach (var grant in KeyFile.Read(Path.GetFullPath(file, runDirectory)))
            {
                keys.Add(grant);
            }
        }

        return keys;
    }

    /// <summary>Makes the token file with a fresh key, readable by its owner only, unless it exists.</summary>
    public static void MakeTokenFile(SecurityOptions security, string runDirectory)
    {
        if (security.TokenFile is not { } file || Path.GetFullPath(file, runDirectory) is var path && File.Exists(path))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(Encoding.ASCII.GetBytes(KeyRing.NewToken() + "\n"));
    }
}
