using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Forge.Learning.Torch;

/// <summary>Finds <c>libforge_native.so</c> for every assembly that imports from it.</summary>
/// <remarks>
/// The places, in order: the folder in <c>FORGE_NATIVE_DIR</c>, the program's own folder, then <c>build/native</c>
/// in any
/// folder above the program.
/// </remarks>
public static class NativeLibraryResolver
{
    private const string Name = "forge_native";
    private const string File = "lib" + Name + ".so";

    private static readonly ConcurrentDictionary<Assembly, bool> Registered = new();

    /// <summary>
    /// Makes <c>[LibraryImport("forge_native")]</c> of <paramref name="assembly"/> resolve; calling it again is
    /// harmless.
    /// </summary>
    public static void Register(Assembly assembly)
    {
        if (Registered.TryAdd(assembly, true))
        {
            NativeLibrary.SetDllImportResolver(assembly, Resolve);
        }
    }

    private static IntPtr Resolve(string library, Assembly assembly, DllImportSearchPath? search)
    {
        if (library != Name)
        {
            return IntPtr.Zero;
        }

        var places = Places().ToList();
        foreach (var place in places.Where(System.IO.File.Exists))
        {
            return NativeLibrary.Load(place);
        }

        throw new DllNotFoundException(
            $"{File} is in none of: {string.Join(", ", places)}. Build it " +
            "(cmake -S native -B build/native -G Ninja && ninja -C build/native) or set FORGE_NATIVE_DIR to its folder.");
    }

    private static IEnumerable<string> Places()
    {
        if (Environment.GetEnvironmentVariable("FORGE_NATIVE_DIR") is { Length: > 0 } configured)
        {
            yield return Path.Combine(configured, File);
        }

        yield return Path.Combine(AppContext.BaseDirectory, File);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "build", "native", File);
        }
    }
}
