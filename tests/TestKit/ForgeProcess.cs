using System.Diagnostics;

namespace Forge.TestKit;

/// <summary>Runs the built command line as a process of its own, the way a user does.</summary>
public static class ForgeProcess
{
    /// <param name="folder">Where the process stands.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<ForgeResult> RunAsync(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return await EndAsync(process);
    }

    public static Process Start(string folder, params string[] arguments)
        => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "forge.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;

    public static async Task<ForgeResult> EndAsync(Process process)
    {
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().DefaultTimeout();
        return new ForgeResult(process.ExitCode, await output, await error);
    }
}
