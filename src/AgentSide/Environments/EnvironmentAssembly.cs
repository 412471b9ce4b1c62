using System.Reflection;
using Forge.Core.Faults;
using Forge.Core.Text;

namespace Forge.AgentSide.Environments;

/// <summary>
/// Makes environments out of an assembly that a user built: every public class that is an <see cref="IEnvironment"/> and has a constructor
/// without parameters, or with the settings alone. The assembly's code runs in this process with all of its rights.
/// </summary>
public static class EnvironmentAssembly
{
    /// <param name="path">The assembly's file.</param>
    /// <param name="name">Which of its environments; compared with <see cref="IEnvironment.Name"/>.</param>
    /// <param name="settings">Given to its constructor.</param>
    /// <exception cref="ForgeException">The file can't be loaded, or has no such environment.</exception>
    public static IEnvironment Create(string path, string name, IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var names = new List<string>();
        foreach (var type in TypesOf(Path.GetFullPath(path)))
        {
            var environment = Create(type, settings);
            if (environment.Name == name)
            {
                return environment;
            }

            names.Add(environment.Name);
        }

        var nearest = NearestName.Of(name, names);
        throw new ForgeException(names.Count == 0
            ? $"'{path}' has no environment: a public class that implements {nameof(IEnvironment)} or derives from PuzzleEnvironment."
            : $"'{path}' has no environment '{name}'; it has {string.Join(", ", names)}{(nearest is null ? "" : $"; the nearest is '{nearest}'")}.");
    }

    private static IEnumerable<Type> TypesOf(string path)
    {
        if (!File.Exists(path))
        {
            throw new ForgeException($"The environment's assembly '{path}' does not exist. Build it first (dotnet build), or correct the path.");
        }

        try
        {
            return new EnvironmentLoadContext(path).LoadFromAssemblyPath(path).GetExportedTypes()
                .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IEnvironment).IsAssignableFrom(type))
                .OrderBy(type => type.FullName, StringComparer.Ordinal);
        }
        catch (BadImageFormatException fault)
        {
            throw new ForgeException($"'{path}' is no .NET assembly: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is TypeLoadException or FileNotFoundException or FileLoadException or ReflectionTypeLoadException)
        {
            throw new ForgeException($"'{path}' does not fit this Forge; build it again against it. {fault.Message}", fault);
        }
    }

    private static IEnvironment Create(Type type, IReadOnlyDictionary<string, string> settings)
    {
        try
        {
            if (type.GetConstructor([typeof(IReadOnlyDictionary<string, string>)]) is { } configured)
            {
                return (IEnvironment)configured.Invoke([settings]);
            }

            var plain = type.GetConstructor(Type.EmptyTypes) ?? throw new ForgeException(
                $"{type.FullName} has neither a constructor without parameters nor one that takes IReadOnlyDictionary<string, string>.");
            return settings.Count == 0 ? (IEnvironment)plain.Invoke([]) : throw new ForgeException(
                $"{type.FullName} takes no settings, but agent_side.environment.settings has {string.Join(", ", settings.Keys)}.");
        }
        catch (TargetInvocationException fault) when (fault.InnerException is { } inner)
        {
            throw new ForgeException($"{type.FullName} can't be made: {inner.Message}", inner);
        }
    }
}
