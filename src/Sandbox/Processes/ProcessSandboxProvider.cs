namespace Forge.Sandbox.Processes;

/// <summary>Runs programs as they are, with a time limit, bounded output and the end of their process tree; everything else is open to them.</summary>
internal sealed class ProcessSandboxProvider(SandboxOptions options, Action<string> warn) : ISandboxProvider
{
    private int _warned;

    public string Name => "process";

    public Task<ISandbox> OpenAsync(SandboxSetup setup, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _warned, 1) == 0)
        {
            warn("sandbox.provider is 'process': agents' programs run with all rights of this process. Use 'namespaces' for agents that you do not trust.");
        }

        Directory.CreateDirectory(setup.Folder);
        return Task.FromResult<ISandbox>(new ProcessSandbox(setup, options));
    }
}
