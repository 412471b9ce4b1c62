using Forge.Core.Faults;

namespace Forge.Sandbox.Namespaces;

/// <summary>Shuts programs into Linux namespaces through <c>forge-sandbox</c>.</summary>
internal sealed class NamespaceSandboxProvider(SandboxOptions options) : ISandboxProvider
{
    // Users that no account has, one per sandbox, so that no sandbox's files belong to another's user. Only root can lend them.
    private const long FirstUser = 1_900_000_000;
    private const long UserCount = 100_000_000;

    private static long _opened = (long)Environment.ProcessId << 10;

    public string Name => "namespaces";

    public Task<ISandbox> OpenAsync(SandboxSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        if (!Path.IsPathFullyQualified(setup.Folder))
        {
            throw new ForgeException($"The sandbox's folder '{setup.Folder}' must be an absolute path.");
        }

        Directory.CreateDirectory(setup.Folder);
        var user = FirstUser + (Interlocked.Increment(ref _opened) % UserCount);
        return Task.FromResult<ISandbox>(new NamespaceSandbox(setup, options, user));
    }
}
