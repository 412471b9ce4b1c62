using System.Diagnostics;
using Forge.Core.Faults;
using Forge.Sandbox.Namespaces;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

public sealed class HelperTests
{
    [Theory]
    [InlineData("there is no option '--memry'", "--folder", "/tmp", "--memry", "1", "--", "true")]
    [InlineData("--memory takes a whole number from 16777216 to", "--folder", "/tmp", "--memory", "1G", "--", "true")]
    [InlineData("--memory is given twice", "--folder", "/tmp", "--memory", "100000000", "--memory", "200000000", "--", "true")]
    [InlineData("--wall-ms needs a value", "--folder", "/tmp", "--wall-ms")]
    [InlineData("--folder takes an absolute path without '..', not 'relative'", "--folder", "relative", "--", "true")]
    [InlineData("--read-only takes an absolute path without '..'", "--folder", "/tmp", "--read-only", "/usr/../etc", "--", "true")]
    [InlineData("--forward takes a whole number from 1 to 65535, not '0'", "--folder", "/tmp", "--forward", "0=/x", "--", "true")]
    [InlineData("with a numeric IPv4 address, not to 'localhost:80'", "--folder", "/tmp", "--forward", "80=localhost:80", "--", "true")]
    [InlineData("--folder is missing", "--", "true")]
    [InlineData("give either --probe, or a program after --", "--folder", "/tmp")]
    [InlineData("there is no folder /no/such/folder", "--folder", "/no/such/folder", "--", "true")]
    public async Task Helper_says_what_is_wrong_with_its_words(string problem, params string[] words)
    {
        var (code, error) = await RunAsync(SandboxProgram.Path, words);

        Assert.Equal(125, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_says_what_holds_the_sandbox()
    {
        await SandboxHarness.SkipWithoutNamespacesAsync();

        var found = await SandboxProgram.ProbeAsync(TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Matches("^namespaces, seccomp, (no Landlock|Landlock [1-9][0-9]*); memory by (cgroup v[12]|rlimits), processes by (cgroup v[12]|rlimits)$", found);
    }

    [Fact]
    public async Task A_sandbox_of_an_ordinary_user_is_shut_in_too()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "Only root can become an ordinary user; other users run every test as one.");
        await SandboxHarness.SkipWithoutNamespacesAsync();
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1FF);
        File.Copy(SandboxProgram.Path, folder.File("forge-sandbox"));
        File.SetUnixFileMode(folder.File("forge-sandbox"), (UnixFileMode)0x1ED);
        File.WriteAllText(folder.File("secret"), "the host's");

        var (code, error) = await RunAsync("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c", """
            cd "$1" && mkdir episode && exec ./forge-sandbox --folder "$1/episode" -- sh -c '
                id -u >&2; test -e "$0/secret" && echo seen >&2; grep -c : /proc/net/dev >&2; echo kept > kept; exit 5' "$1"
            """, "sh", folder.Path);

        Assert.Equal((5, "1000\n1\n"), (code, error));
        Assert.Equal("kept\n", File.ReadAllText(folder.File("episode/kept")));
    }

    [Fact]
    public async Task An_episode_folder_that_is_no_absolute_path_is_refused()
    {
        var provider = SandboxProviders.Create(new SandboxOptions(), Assert.Fail);

        var refusal = await Assert.ThrowsAsync<ForgeException>(
            () => provider.OpenAsync(new SandboxSetup { Folder = "episodes/1" }, TestContext.Current.CancellationToken));

        Assert.Contains("'episodes/1' must be an absolute path", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Error)> RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        return (process.ExitCode, error);
    }
}
