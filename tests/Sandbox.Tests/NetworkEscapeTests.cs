using System.Net;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

public sealed class NetworkEscapeTests
{
    [Fact]
    public async Task Network_has_no_interface_but_the_loopback()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var seen = await harness.ShellAsync("sed -n '3,$s/:.*//p' /proc/net/dev");

        Assert.Equal("lo", seen.Output.Text.Trim());
    }

    [Fact]
    public async Task Network_does_not_reach_a_port_of_the_host()
    {
        using var host = GatewayDouble.OnLoopback();
        var port = ((IPEndPoint)host.Address).Port;
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.RunAsync("bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}");

        Assert.NotEqual(0, tried.ExitCode);
        Assert.Contains("refused", tried.Error.Text, StringComparison.Ordinal);
        Assert.False(host.HasCaller);
    }

    [Fact]
    public async Task Network_has_no_way_to_other_machines()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.RunAsync("bash", "-c", "exec 3<>/dev/tcp/192.0.2.1/80");

        Assert.Contains("unreachable", tried.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(17, "packets of any interface")]
    [InlineData(38, "the kernel's ciphers")]
    [InlineData(40, "the host of a virtual machine")]
    public async Task Sockets_of_other_families_are_refused(int family, string reach)
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.PerlAsync($"socket(my $s, {family}, 3, 0) or print $!+0");

        Assert.True(tried.Output.Text == "97", $"A socket to {reach} ended with '{tried.Output.Text}'.");
    }

    [Fact]
    public async Task Gateway_is_reached_over_its_socket_file()
    {
        using var folder = new TemporaryFolder();
        using var gateway = GatewayDouble.OnSocketFile(folder.File("gateway.sock"));
        await using var harness = await SandboxHarness.OpenAsync(gateway: folder.File("gateway.sock"));
        var long_answer = new string('x', 3_000_000);

        var answering = gateway.AnswerOnceAsync(long_answer);
        var called = await harness.RunAsync("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080; echo hello >&3; cat <&3 | wc -c");

        Assert.Equal("http://127.0.0.1:8080/", harness.Sandbox.Gateway!.ToString());
        Assert.Equal("3000000", called.Output.Text.Trim());
        Assert.Equal("hello", await answering);
    }

    [Fact]
    public async Task Gateway_is_reached_over_its_loopback_address()
    {
        using var gateway = GatewayDouble.OnLoopback();
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { GatewayPort = 4321 }, gateway.Address.ToString());

        var answering = gateway.AnswerOnceAsync("welcome");
        var called = await harness.RunAsync("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/4321; echo hello >&3; cat <&3");

        Assert.Equal("welcome", called.Output.Text);
        Assert.Equal("hello", await answering);
    }

    [Fact]
    public async Task Gateway_gets_the_end_of_a_caller_that_still_reads()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "This machine has no /usr/bin/python3.");
        using var folder = new TemporaryFolder();
        using var gateway = GatewayDouble.OnSocketFile(folder.File("gateway.sock"));
        await using var harness = await SandboxHarness.OpenAsync(gateway: folder.File("gateway.sock"));

        var answering = gateway.AnswerOnceAsync("to the end");
        var called = await harness.RunAsync("/usr/bin/python3", "-c", """
            import socket
            s = socket.create_connection(("127.0.0.1", 8080))
            s.sendall(b"no newline")
            s.shutdown(socket.SHUT_WR)
            print(s.makefile().read())
            """);

        Assert.Equal("no newline", await answering);
        Assert.Equal("to the end", called.Output.Text.Trim());
    }
}
