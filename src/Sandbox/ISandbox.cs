namespace Forge.Sandbox;

/// <summary>
/// Runs the programs of one episode, one after another, on the episode's folder. What a program started is gone when its run returns;
/// what it left in the folder stays for the next one. Disposing keeps the folder.
/// </summary>
public interface ISandbox : IAsyncDisposable
{
    /// <summary>The episode's folder as programs see it: where they start, and where they may write.</summary>
    string WorkFolder { get; }

    /// <summary>The gateway's address as programs see it; null when the set-up names no gateway.</summary>
    Uri? Gateway { get; }

    /// <summary>The episode's files from outside.</summary>
    FolderFiles Files { get; }

    /// <summary>Runs one of the agent's programs to its end. A run that is cancelled is over, with all it started, when the exception arrives.</summary>
    Task<SandboxResult> RunAsync(SandboxCommand command, CancellationToken cancellationToken);

    /// <summary>
    /// Runs the verifier over what the agent left, in a sandbox of its own without the gateway. <paramref name="files"/> exist from now on
    /// and for this run only, read-only, in the folder that <c>FORGE_VERIFIER</c> names; the agent can't run any more.
    /// </summary>
    /// <param name="command">What judges; its exit code and output are for the caller to read.</param>
    /// <param name="files">Contents by relative path.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    Task<SandboxResult> VerifyAsync(SandboxCommand command, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, CancellationToken cancellationToken);
}
