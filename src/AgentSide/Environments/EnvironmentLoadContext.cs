using System.Reflection;
using System.Runtime.Loader;

namespace Forge.AgentSide.Environments;

/// <summary>
/// Loads a user's assembly and what lies beside it. What Forge itself ships comes from Forge, so that both sides mean the same
/// <see cref="IEnvironment"/>; everything else is the assembly's own, in its own version.
/// </summary>
internal sealed class EnvironmentLoadContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private readonly AssemblyDependencyResolver _resolver = new(path);

    protected override Assembly? Load(AssemblyName assemblyName)
        => !IsForges(assemblyName) && _resolver.ResolveAssemblyToPath(assemblyName) is { } own ? LoadFromAssemblyPath(own) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
        => _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } own ? LoadUnmanagedDllFromPath(own) : 0;

    private static bool IsForges(AssemblyName name) => File.Exists(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll"));
}
