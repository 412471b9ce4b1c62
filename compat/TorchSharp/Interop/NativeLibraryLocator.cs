using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Finds <c>libforge_native.so</c>: <c>FORGE_NATIVE_DIR</c>, else beside the program, else <c>build/native</c> above it.</summary>
internal static class NativeLibraryLocator
{
    internal const string Name = "forge_native";
    private const string FileName = "lib" + Name + ".so";

    internal static void Register()
        => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLocator).Assembly, Resolve);

    private static IntPtr Resolve(string library, Assembly assembly, DllImportSearchPath? search)
    {
        if (library != Name)
        {
            return IntPtr.Zero;
        }

        var places = Places().ToList();
        return places.FirstOrDefault(File.Exists) is { } found
            ? NativeLibrary.Load(found)
            : throw new DllNotFoundException(
                $"{FileName} is in none of: {string.Join(", ", places)}. Build it (cmake -S native -B build/native -G Ninja && " +
                "ninja -C build/native) or set FORGE_NATIVE_DIR to its folder.");
    }

    private static IEnumerable<string> Places()
    {
        if (Environment.GetEnvironmentVariable("FORGE_NATIVE_DIR") is { Length: > 0 } configured)
        {
            yield return Path.Combine(configured, FileName);
        }

        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "build", "native", FileName);
        }
    }
}
