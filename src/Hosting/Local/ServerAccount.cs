using Forge.Core.Faults;

namespace Forge.Hosting.Local;

/// <summary>
/// Runs a server's programs with no more rights than they need: root hands them to the account that the server's package made,
/// anybody else runs them as themselves.
/// </summary>
internal sealed class ServerAccount
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string? _name;

    private ServerAccount(string? name) => _name = name;

    /// <param name="name">The account that root switches to; null where it does not exist.</param>
    /// <param name="refusesRoot">Whether the server can't be run by root itself.</param>
    /// <exception cref="ForgeException">Root has no such account, and the server refuses root.</exception>
    public static ServerAccount Of(string name, bool refusesRoot)
    {
        if (Environment.UserName != "root")
        {
            return new ServerAccount(null);
        }

        var exists = File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return exists || !refusesRoot
            ? new ServerAccount(exists ? name : null)
            : throw new ForgeException($"The server can't be run by root, and there is no account '{name}' to run it as. Make one: useradd --system {name}");
    }

    /// <summary>Makes a folder that only the account (and root) can enter.</summary>
    public Task OwnFolderAsync(string folder, CancellationToken cancellationToken)
        => ServerCommand.RequireAsync(
            ["install", "-d", "-m", "0700", .. _name is null ? [] : new[] { "-o", _name }, folder], Limit, cancellationToken);

    /// <summary>Runs a program as the account to its end.</summary>
    /// <param name="folder">Where it works; the account may have to pass through folders that are closed to it.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public Task<ServerCommandResult> RunAsync(string folder, IReadOnlyList<string> command, CancellationToken cancellationToken)
        => ServerCommand.RunAsync([.. Switch(folder), .. command], Limit, cancellationToken);

    // A run directory in root's home is closed to everybody else: the account may enter folders there, and is still not root.
    private IEnumerable<string> Switch(string folder)
    {
        if (_name is null)
        {
            return [];
        }

        string[] passing = IsOpen(folder) ? [] : ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
        return ["setpriv", $"--reuid={_name}", $"--regid={_name}", "--init-groups", .. passing, "--"];
    }

    private static bool IsOpen(string folder)
    {
        for (var parent = Directory.GetParent(Path.GetFullPath(folder)); parent is not null; parent = parent.Parent)
        {
            if (!OperatingSystem.IsWindows() && !File.GetUnixFileMode(parent.FullName).HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }
}
