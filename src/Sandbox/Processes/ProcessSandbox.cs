using System.Diagnostics;
using Forge.Core.Faults;
using Forge.Sandbox.Running;

namespace Forge.Sandbox.Processes;

/// <summary>One episode without walls.</summary>
internal sealed class ProcessSandbox(SandboxSetup setup, SandboxOptions options) : ISandbox
{
    private bool _verified;

    public string WorkFolder => setup.Folder;

    public Uri? Gateway { get; } = GatewayOf(setup);

    public FolderFiles Files { get; } = new(setup.Folder);

    public Task<SandboxResult> RunAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _verified
            ? throw new InvalidOperationException("The verifier has run: the episode's agent cannot run any more.")
            : FinishAsync(command, ProgramEnvironment.Of(command, WorkFolder), cancellationToken);
    }

    public async Task<SandboxResult> VerifyAsync(
        SandboxCommand command, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(files);
        _verified = true;
        using var folder = new VerifierFolder(files);
        var environment = ProgramEnvironment.Of(command, WorkFolder);
        environment["FORGE_VERIFIER"] = folder.Path;
        return await FinishAsync(command, environment, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<SandboxResult> FinishAsync(SandboxCommand command, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        using var program = StartedProgram.Start(command.Words, environment, WorkFolder, options, Kill);
        await program.FinishAsync(command, command.Timeout ?? options.Timeout, cancellationToken);
        var end = program.Stopped ? SandboxEnd.Stopped
            : program.TimedOut ? SandboxEnd.TimedOut
            : program.Overflowed ? SandboxEnd.LimitReached
            : program.ExitCode > 128 ? SandboxEnd.Signalled
            : SandboxEnd.Exited;
        return new SandboxResult
        {
            End = end,
            Limit = end == SandboxEnd.LimitReached ? SandboxLimit.Output : SandboxLimit.None,
            ExitCode = program.ExitCode,
            Output = program.Output,
            Error = program.Error,
            Duration = program.Duration,
        };
    }

    private static void Kill(Process process) => process.Kill(entireProcessTree: true);

    private static Uri? GatewayOf(SandboxSetup setup) => setup.Gateway switch
    {
        null => null,
        ['/', ..] => throw new ForgeException(
            $"sandbox.provider 'process' has no way to the gateway's socket {setup.Gateway}; give gateway.http a loopback address, or use 'namespaces'."),
        _ => new Uri($"http://{setup.Gateway}"),
    };
}
