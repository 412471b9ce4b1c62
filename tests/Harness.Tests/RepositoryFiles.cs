namespace Forge.Harness.Tests;

/// <summary>Finds files of the repository from wherever the test binaries happen to run.</summary>
internal static class RepositoryFiles
{
    public static string Find(string path) => Path.Combine(Root, path);

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Forge.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Forge.sln not found above the test binaries.");
    }
}
