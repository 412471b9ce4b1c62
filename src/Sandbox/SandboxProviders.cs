using Forge.Sandbox.Namespaces;
using Forge.Sandbox.Processes;

namespace Forge.Sandbox;

/// <summary>Makes the provider that a run file names.</summary>
public static class SandboxProviders
{
    /// <param name="options">The run file's section.</param>
    /// <param name="warn">Hears, once, what the provider does not promise.</param>
    public static ISandboxProvider Create(SandboxOptions options, Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(warn);
        return options.Provider switch
        {
            "namespaces" => new NamespaceSandboxProvider(options),
            "process" => new ProcessSandboxProvider(options, warn),
            _ => throw new ArgumentException($"There is no sandbox provider '{options.Provider}'; known are namespaces and process.", nameof(options)),
        };
    }
}
