using System.Diagnostics;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Mcp;

/// <summary>The protocol's own file server out of eng/mcp, which npm installs once into a folder that git ignores.</summary>
internal static class FilesystemServer
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>The program that node runs.</summary>
    internal static Task<string> ProgramAsync() => Installed.Value;

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(Root(), "eng", "mcp");
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

        return Path.Combine(folder, "node_modules", "@modelcontextprotocol", "server-filesystem", "dist", "index.js");
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
