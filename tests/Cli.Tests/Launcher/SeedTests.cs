using System.Diagnostics;
using System.Globalization;
using Forge.Cli.Composition;
using Forge.TestKit;

namespace Forge.Cli.Tests.Launcher;

/// <summary><c>./forge test NAME --seed N</c>, with what is built and the test programs replaced by one that tells how it was called.</summary>
[Trait("Tier", "integration")]
public sealed class SeedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("PoolSimulation --seed 6644")]
    [InlineData("--seed 6644 PoolSimulation")]
    public async Task A_seed_reaches_the_tests_that_are_named(string arguments)
    {
        var (exit, output, _) = await TestAsync(arguments);

        Assert.Equal(0, exit);
        Assert.Contains("seed 6644 of -trait- Tier=long -trait- Tier=gpu -method *PoolSimulation*", output, StringComparison.Ordinal);
        Assert.EndsWith("1 passed, 0 failed\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PoolSimulation --seed", "takes a whole number, not ''")]
    [InlineData("PoolSimulation --seed many", "takes a whole number, not 'many'")]
    [InlineData("PoolSimulation --seed 99999999999", "at most 2147483647, not '99999999999'")]
    [InlineData("--seed 6644", "--seed belongs to the tests that a word names: ./forge test PoolSimulation --seed 6644")]
    public async Task A_seed_that_means_nothing_is_refused(string arguments, string message)
    {
        var (exit, output, error) = await TestAsync(arguments);

        Assert.Equal((2, "", error), (exit, output, error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    // The launcher's own functions, up to where it begins to act.
    private async Task<(int ExitCode, string Output, string Error)> TestAsync(string arguments)
    {
        var launcher = await File.ReadAllLinesAsync(Path.Combine(Path.GetDirectoryName(RepositoryPaths.Find("Forge.sln"))!, "forge"), TestContext.Current.CancellationToken);
        var functions = string.Join('\n', launcher.SkipWhile(line => !line.StartsWith("say()", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("export DOTNET_NOLOGO", StringComparison.Ordinal))
            .Where(line => !line.StartsWith(". ", StringComparison.Ordinal)));
        var suite = _folder.File("artifacts/bin/A.Tests/release/Forge.A.Tests.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(suite)!);
        await File.WriteAllTextAsync(suite, "", TestContext.Current.CancellationToken);
        var script = string.Create(CultureInfo.InvariantCulture, $$"""
            root={{_folder.Path}} build={{_folder.Path}}/build child=
            {{functions}}
            build_dotnet() { :; }
            run_suite() { shift; echo "seed ${FORGE_SEED:-none} of $*"; passed=1; }
            run_tests {{arguments}}
            """);
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        return (bash.ExitCode, output, await error.ProcessTimeout());
    }
}
