namespace Forge.Cli.Composition;

/// <summary>Finds files that run files and defaults name: from where the user stands, else from the repository that the program belongs to.</summary>
internal static class RepositoryPaths
{
    /// <summary>Returns <paramref name="path"/> itself when it exists or is absolute, else its place in the repository when that exists.</summary>
    public static string Find(string path)
    {
        if (Path.IsPathRooted(path) || File.Exists(path) || Directory.Exists(path))
        {
            return path;
        }

        var inRepository = Roots().Select(root => Path.Combine(root, path)).FirstOrDefault(candidate => File.Exists(candidate) || Directory.Exists(candidate));
        return inRepository ?? path;
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("FORGE_ROOT") is { Length: > 0 } root)
        {
            yield return root;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Forge.sln")))
            {
                yield return folder.FullName;
            }
        }
    }
}
