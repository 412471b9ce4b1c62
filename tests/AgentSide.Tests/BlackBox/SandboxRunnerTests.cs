using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Forge.AgentSide.BlackBox.Programs;
using Forge.Core.Faults;
using Forge.Sandbox;
using Forge.Sandbox.Namespaces;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed class SandboxRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Run_keeps_output_and_files_where_a_plain_process_would()
    {
        var end = await RunAsync("cat /etc/shadow; pwd; echo $FORGE_TASK; echo left > answer.txt; echo words >&2; exit 3");

        Assert.Equal(new ProgramEnd(3, WasStopped: false), end);
        Assert.Equal($"{Work}\n{Work}/task.json\n", File.ReadAllText(_folder.File("stdout.txt")));
        Assert.EndsWith("words\n", File.ReadAllText(_folder.File("stderr.txt")), StringComparison.Ordinal);
        Assert.Equal("left\n", File.ReadAllText(Path.Combine(Work, "answer.txt")));
    }

    [Fact]
    public async Task Run_reaches_the_gateway_at_its_own_address_and_no_other_port()
    {
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        gateway.Start();
        stranger.Start();
        var (port, other) = (((IPEndPoint)gateway.LocalEndpoint).Port, ((IPEndPoint)stranger.LocalEndpoint).Port);

        var end = await RunAsync(
            $"exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port} && echo reached; exec 4<>/dev/tcp/127.0.0.1/{other}'", ("OPENAI_BASE_URL", $"http://127.0.0.1:{port}/e/1/v1"));

        Assert.NotEqual(0, end.ExitCode);
        Assert.Equal("reached\n", File.ReadAllText(_folder.File("stdout.txt")));
        Assert.True(gateway.Pending());
        Assert.False(stranger.Pending());
    }

    [Fact]
    public async Task Run_that_is_stopped_says_so_and_keeps_what_was_said()
    {
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        gateway.Start();
        var port = ((IPEndPoint)gateway.LocalEndpoint).Port;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var running = RunAsync(
            $"echo before; exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}; sleep 1000'", stop.Token, ("OPENAI_BASE_URL", $"http://127.0.0.1:{port}"));
        using var called = await gateway.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask().DefaultTimeout();
        await stop.CancelAsync();

        Assert.Equal(new ProgramEnd(null, WasStopped: true), await running);
        Assert.Equal("before\n", File.ReadAllText(_folder.File("stdout.txt")));
    }

    [Fact]
    public async Task Run_with_a_gateway_elsewhere_is_an_environment_failure_with_the_remedy()
    {
        var refusal = await Assert.ThrowsAsync<EnvironmentFaultException>(() => RunAsync("true", ("OPENAI_BASE_URL", "http://192.0.2.1/v1")));

        Assert.Contains("loopback", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Work => _folder.File("work");

    private Task<ProgramEnd> RunAsync(string line, params (string, string)[] variables) => RunAsync(line, TestContext.Current.CancellationToken, variables);

    private async Task<ProgramEnd> RunAsync(string line, CancellationToken stop, params (string Name, string Value)[] variables)
    {
        await SkipWithoutNamespacesAsync();
        Directory.CreateDirectory(Work);
        var start = new ProgramStart(
            ["sh", "-c", line],
            Work,
            variables.ToImmutableSortedDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal).Add("FORGE_TASK", Work + "/task.json"),
            _folder.File("stdout.txt"),
            _folder.File("stderr.txt"),
            10_000);
        return await new SandboxRunner(SandboxProviders.Create(new SandboxOptions(), Assert.Fail)).RunAsync(start, stop).DefaultTimeout();
    }

    private static async Task SkipWithoutNamespacesAsync()
    {
        try
        {
            await SandboxProgram.ProbeAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        }
        catch (ForgeException error) when (error.Message.Contains("user namespaces cannot be made", StringComparison.Ordinal))
        {
            Assert.Skip(error.Message);
        }
    }
}
