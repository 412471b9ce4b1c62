using System.Diagnostics;

namespace Forge.Harness.Tests;

/// <summary>The packages of one folder of examples/, installed once from its lock file.</summary>
public abstract class NodePackages(string folder) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    public string Folder { get; } = RepositoryFiles.Find(folder);

    public async ValueTask InitializeAsync()
    {
        var (lockFile, installed) = (Path.Combine(Folder, "package-lock.json"), Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(lockFile))
        {
            return;
        }

        using var limit = new CancellationTokenSource(Limit);
        using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-save", "--ignore-scripts", "--no-fund", "--no-audit"])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
        })!;
        var errors = await npm.StandardError.ReadToEndAsync(limit.Token);
        await npm.WaitForExitAsync(limit.Token);
        Assert.True(npm.ExitCode == 0, $"npm install in {Folder} failed:\n{errors}");
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
