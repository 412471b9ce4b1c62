using System.Diagnostics;
using Forge.TestKit;

namespace Forge.Grpc.Tests.Official;

/// <summary>eng/grpc-js with its packages, which npm installs once into a folder that git ignores.</summary>
internal static class GrpcJs
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    internal static Task<string> FolderAsync() => Installed.Value;

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(Root(), "eng", "grpc-js");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var output = npm.StandardOutput.ReadToEndAsync();
            var errors = await npm.StandardError.ReadToEndAsync().ProcessTimeout();
            await npm.WaitForExitAsync().ProcessTimeout();
            Assert.True(npm.ExitCode == 0, $"'npm ci' in {folder} failed: {errors}{await output}");
        }

        return folder;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Forge.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Forge.sln not found above the test binaries.");
        }

        return folder.FullName;
    }
}
