using Forge.Core.Faults;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

public sealed class ProcessSandboxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Provider_warns_once()
    {
        var provider = SandboxProviders.Create(new SandboxOptions { Provider = "process" }, _warnings.Add);

        await provider.OpenAsync(new SandboxSetup { Folder = _folder.File("one") }, TestContext.Current.CancellationToken);
        await provider.OpenAsync(new SandboxSetup { Folder = _folder.File("two") }, TestContext.Current.CancellationToken);

        Assert.Contains("run with all rights of this process", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_gives_code_output_and_no_variable_of_ours()
    {
        await using var sandbox = await OpenAsync(new SandboxOptions { Provider = "process" });

        var run = await RunAsync(sandbox, "pwd; echo $FORGE_NATIVE_DIR; exit 3");

        Assert.Equal((SandboxEnd.Exited, 3, sandbox.WorkFolder + "\n\n"), (run.End, run.ExitCode, run.Output.Text));
    }

    [Fact]
    public async Task Run_ends_with_its_time_and_what_it_started()
    {
        await using var sandbox = await OpenAsync(new SandboxOptions { Provider = "process", Timeout = TimeSpan.FromMilliseconds(300) });
        var marker = "marker-" + Guid.NewGuid().ToString("N");

        var run = await RunAsync(sandbox, $"echo before; sh -c 'sleep 1000; true' {marker}; true");

        Assert.Equal((SandboxEnd.TimedOut, "before\n"), (run.End, run.Output.Text));
        Assert.Empty(HostProcesses.With(marker));
    }

    [Fact]
    public async Task Flood_of_output_ends_the_program()
    {
        await using var sandbox = await OpenAsync(new SandboxOptions { Provider = "process", OutputBytes = 100_000, KeptOutputBytes = 10 });

        var run = await RunAsync(sandbox, "yes");

        Assert.Equal((SandboxEnd.LimitReached, SandboxLimit.Output, 10), (run.End, run.Limit, run.Output.Kept.Length));
    }

    [Fact]
    public async Task Gateway_on_a_socket_file_is_refused_with_the_remedy()
    {
        var refusal = await Assert.ThrowsAsync<ForgeException>(() => OpenAsync(new SandboxOptions { Provider = "process" }, "/run/gateway.sock"));

        Assert.Contains("loopback address", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ISandbox> OpenAsync(SandboxOptions options, string? gateway = null)
        => SandboxProviders.Create(options, _warnings.Add)
            .OpenAsync(new SandboxSetup { Folder = _folder.File("episode"), Gateway = gateway }, TestContext.Current.CancellationToken).DefaultTimeout();

    private static Task<SandboxResult> RunAsync(ISandbox sandbox, string line)
        => sandbox.RunAsync(SandboxCommand.Shell(line), TestContext.Current.CancellationToken).DefaultTimeout();
}
