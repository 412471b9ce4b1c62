using System.Diagnostics;
using Forge.Cli.Composition;
using Forge.TestKit;

namespace Forge.Cli.Tests.Launcher;

/// <summary>What the launcher does on a machine without PostgreSQL and Redis, with the system's own commands replaced by ones that tell.</summary>
[Trait("Tier", "integration")]
public sealed class ServersTests : IDisposable
{
    // Functions win over programs: nothing here reaches the real system.
    private const string BareMachine = """
        has_postgres() { false; }
        command() { return 1; }
        id() { echo 0; }
        systemctl() { :; }
        say() { :; }
        supervise() { "$@"; }
        """;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("up", true)]
    [InlineData("up other.yaml", true)]
    [InlineData("chaos --seed 1", true)]
    [InlineData("test", true)]
    [InlineData("bench pool", true)]
    [InlineData("bench grpc", false)]
    [InlineData("train", false)]
    [InlineData("train --run one.yaml", false)]
    [InlineData("train --run apart.yaml", true)]
    [InlineData("train --run=apart.yaml --steps 1", true)]
    [InlineData("train --resume --run-dir apart", true)]
    [InlineData("resume --run-dir apart", true)]
    [InlineData("resume --run-dir one", false)]
    [InlineData("resume", false)]
    [InlineData("doctor", false)]
    public async Task Servers_are_needed_by_what_runs_services_apart(string arguments, bool expected)
    {
        foreach (var (name, text) in new[] { ("one", "run:\n  name: services\n"), ("apart", "run:\n  name: a\nservices:\n  gateway: unix:g\n") })
        {
            Directory.CreateDirectory(_folder.File(name));
            await File.WriteAllTextAsync(_folder.File($"{name}.yaml"), text, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(_folder.File($"{name}/run.yaml"), text, TestContext.Current.CancellationToken);
        }

        var (_, output) = await RunAsync($"needs_servers {arguments} && echo yes || echo no");

        Assert.Equal(expected ? "yes" : "no", output.Trim());
    }

    [Fact]
    public async Task Installing_starts_no_server_of_the_distribution_and_leaves_no_policy_behind()
    {
        var (exit, output) = await RunAsync($$"""
            {{BareMachine}}
            install_packages() { echo "$@"; "$policy"; echo "policy $?"; }
            install_servers
            """);

        Assert.Equal((0, "postgresql redis-server\npolicy 101\n"), (exit, output));
        Assert.False(File.Exists(_folder.File("policy")));
    }

    [Fact]
    public async Task A_failed_installation_ends_the_launcher_and_leaves_no_policy_behind()
    {
        var (exit, output) = await RunAsync($"{BareMachine}\ninstall_packages() {{ return 7; }}\ninstall_servers\necho went on");

        Assert.Equal((7, ""), (exit, output));
        Assert.False(File.Exists(_folder.File("policy")));
    }

    [Fact]
    public async Task A_policy_of_the_machines_own_stays()
    {
        await File.WriteAllTextAsync(_folder.File("policy"), "mine", TestContext.Current.CancellationToken);

        var (exit, _) = await RunAsync($"{BareMachine}\ninstall_packages() {{ :; }}\ninstall_servers");

        Assert.Equal((0, "mine"), (exit, await File.ReadAllTextAsync(_folder.File("policy"), TestContext.Current.CancellationToken)));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int ExitCode, string Output)> RunAsync(string script)
    {
        var servers = RepositoryPaths.Find("eng/servers.sh");
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", $". '{servers}'\n{script}"]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true };
        start.Environment["FORGE_POLICY_FILE"] = _folder.File("policy");
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        return (bash.ExitCode, output);
    }
}
