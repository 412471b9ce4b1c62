using System.Text;
using Forge.Core.Faults;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

public sealed class FileEscapeTests
{
    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("/etc/hostname")]
    [InlineData("/root")]
    [InlineData("/home")]
    [InlineData("/var")]
    [InlineData("/run")]
    [InlineData("/sys")]
    [InlineData("/dev/mem")]
    [InlineData("/dev/kvm")]
    public async Task Host_files_do_not_exist_inside(string path)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var seen = await harness.ShellAsync($"ls -d {path}");

        Assert.NotEqual(0, seen.ExitCode);
        Assert.Contains("No such file", seen.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_temporary_files_do_not_exist_inside()
    {
        using var host = new TemporaryFolder();
        File.WriteAllText(host.File("secret"), "the host's");
        await using var harness = await SandboxHarness.OpenAsync();

        var seen = await harness.ShellAsync($"cat {host.File("secret")}; ls -A /tmp");

        Assert.Equal("", seen.Output.Text);
    }

    [Theory]
    [InlineData("/usr/bin/planted")]
    [InlineData("/planted")]
    [InlineData("/etc/planted")]
    [InlineData("/dev/planted")]
    public async Task System_folders_cannot_be_written(string path)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.ShellAsync($"echo x > {path}");

        Assert.NotEqual(0, tried.ExitCode);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Other_episodes_files_are_out_of_sight()
    {
        await using var one = await SandboxHarness.OpenAsync();
        await using var other = await SandboxHarness.OpenAsync();
        await one.ShellAsync($"echo mine > {one.Marker}; echo mine > /tmp/{one.Marker}");

        var seen = await other.ShellAsync($"cat {one.Files.Folder}/{one.Marker}; find / -name '{one.Marker}' 2>/dev/null");

        Assert.Equal("", seen.Output.Text);
    }

    [Fact]
    public async Task Setuid_programs_give_no_rights()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.ShellAsync("cp /bin/sh mine && chmod 4755 mine && ./mine -c 'id -u'; grep NoNewPrivs /proc/self/status; grep CapEff /proc/self/status");

        Assert.Equal(["1000", "NoNewPrivs:\t1", "CapEff:\t0000000000000000"], tried.Output.Text.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("ln -s {0} link", "link")]
    [InlineData("mkdir -p sub && ln -s {1} sub/dir", "sub/dir/secret")]
    [InlineData("ln -s /proc/self/root link", "link{0}")]
    public async Task A_link_that_the_agent_left_is_not_followed_outside(string trick, string path)
    {
        using var host = new TemporaryFolder();
        File.WriteAllText(host.File("secret"), "the host's");
        await using var harness = await SandboxHarness.OpenAsync();
        var left = await harness.ShellAsync(trick.Replace("{0}", host.File("secret"), StringComparison.Ordinal).Replace("{1}", host.Path, StringComparison.Ordinal));
        var place = path.Replace("{0}", host.File("secret"), StringComparison.Ordinal);

        var refusals = new Exception[] { Assert.ThrowsAny<ForgeException>(() => harness.Files.Read(place, 100)), Assert.ThrowsAny<ForgeException>(() => harness.Files.Write(place, "x"u8)) };

        Assert.True(left.Succeeded, left.Error.Text);
        Assert.All(refusals, refusal => Assert.Contains("not touched", refusal.Message, StringComparison.Ordinal));
        Assert.Equal("the host's", File.ReadAllText(host.File("secret")));
    }

    [Fact]
    public async Task A_link_to_the_host_leads_nowhere_inside()
    {
        using var host = new TemporaryFolder();
        File.WriteAllText(host.File("secret"), "the host's");
        await using var harness = await SandboxHarness.OpenAsync();
        File.CreateSymbolicLink(Path.Combine(harness.Files.Folder, "link"), host.File("secret"));

        var seen = await harness.ShellAsync("cat link");

        Assert.NotEqual(0, seen.ExitCode);
        Assert.Equal("", seen.Output.Text);
    }

    [Fact]
    public async Task A_pipe_that_the_agent_left_does_not_hold_the_reader()
    {
        await using var harness = await SandboxHarness.OpenAsync();
        await harness.ShellAsync("mkfifo answer");

        Assert.Throws<EnvironmentFaultException>(() => harness.Files.Read("answer", 100));
        Assert.Throws<EnvironmentFaultException>(() => harness.Files.Write("answer", "x"u8));
    }

    [Fact]
    public async Task Files_go_in_and_come_out()
    {
        await using var harness = await SandboxHarness.OpenAsync();
        harness.Files.Write("a/b/in.txt", "four"u8);

        var copied = await harness.ShellAsync("cp a/b/in.txt a/out.txt && echo more >> a/b/in.txt");

        Assert.True(copied.Succeeded, copied.Error.Text);
        Assert.Equal("four", Encoding.UTF8.GetString(harness.Files.Read("a/out.txt", 4)!));
        Assert.Null(harness.Files.Read("a/none.txt", 4));
        Assert.Contains("at most 4", Assert.Throws<EnvironmentFaultException>(() => harness.Files.Read("a/b/in.txt", 4)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    [InlineData("./a")]
    public async Task Paths_that_leave_the_folder_are_a_mistake_of_the_caller(string path)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        Assert.Throws<ArgumentException>(() => harness.Files.Read(path, 100));
    }

    [Fact]
    public async Task Verifier_files_appear_for_the_verifier_only()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var before = await harness.ShellAsync("ls /verifier; find / -name judge.sh 2>/dev/null; env | grep FORGE_VERIFIER; echo 42 > answer");
        var verdict = await harness.VerifyAsync("sh $FORGE_VERIFIER/tests/judge.sh; echo x > $FORGE_VERIFIER/tests/judge.sh", "tests/judge.sh", "grep -qx 42 answer && echo right");

        Assert.Equal("", before.Output.Text);
        Assert.Equal("right", verdict.Output.Text.Trim());
        Assert.Contains("Read-only", verdict.Error.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.ShellAsync("true"));
        Assert.False(Directory.Exists(Path.Combine(harness.Files.Folder, "tests")));
    }
}
