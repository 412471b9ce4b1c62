using Forge.Core.Faults;
using Forge.Sandbox.Namespaces;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

/// <summary>One episode in namespaces, on a folder of its own.</summary>
internal sealed class SandboxHarness : IAsyncDisposable
{
    private readonly TemporaryFolder _temporary;
    private readonly ISandbox _sandbox;

    private SandboxHarness(TemporaryFolder temporary, ISandbox sandbox) => (_temporary, _sandbox) = (temporary, sandbox);

    public ISandbox Sandbox => _sandbox;

    public FolderFiles Files => _sandbox.Files;

    /// <summary>A word that only this sandbox's processes have in their command lines.</summary>
    public string Marker { get; } = "marker-" + Guid.NewGuid().ToString("N");

    public static async Task<SandboxHarness> OpenAsync(SandboxOptions? options = null, string? gateway = null)
    {
        await SkipWithoutNamespacesAsync();
        var temporary = new TemporaryFolder();
        var provider = SandboxProviders.Create(options ?? new SandboxOptions(), Assert.Fail);
        var setup = new SandboxSetup { Folder = temporary.File("episode"), Gateway = gateway };
        return new SandboxHarness(temporary, await provider.OpenAsync(setup, TestContext.Current.CancellationToken).DefaultTimeout());
    }

    /// <summary>On a machine that forbids user namespaces these tests have nothing to test, and say what is missing.</summary>
    public static async Task SkipWithoutNamespacesAsync()
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

    public Task<SandboxResult> ShellAsync(string line) => RunAsync("/bin/sh", "-c", line, Marker);

    public Task<SandboxResult> PerlAsync(string script) => RunAsync("perl", "-e", script, Marker);

    public Task<SandboxResult> RunAsync(params string[] words)
        => _sandbox.RunAsync(new SandboxCommand { Words = [.. words] }, TestContext.Current.CancellationToken).DefaultTimeout();

    public Task<SandboxResult> VerifyAsync(string line, string name, string content)
        => _sandbox.VerifyAsync(
            SandboxCommand.Shell(line),
            new Dictionary<string, ReadOnlyMemory<byte>> { [name] = System.Text.Encoding.UTF8.GetBytes(content) },
            TestContext.Current.CancellationToken).DefaultTimeout();

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _temporary.Dispose();
    }
}
