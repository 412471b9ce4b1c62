using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Sandbox;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>
/// Runs programs shut in (docs/sandbox.md): of the host's files they see the system's and their working directory, at its own place; of its network
/// the loopback ports that their variables' addresses name, and nothing else.
/// </summary>
public sealed class SandboxRunner(ISandboxProvider sandboxes) : IProgramRunner
{
    // The variables that lead to Forge: they may be the same service.
    private static readonly string[] Addresses = ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "FORGE_BASE_URL"];

    // The episode's clock stops a program; this is the longest that a sandbox can be given.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    public async Task<ProgramEnd> RunAsync(ProgramStart start, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(start);
        var setup = new SandboxSetup { Folder = start.WorkFolder, FolderInside = start.WorkFolder, LoopbackPorts = PortsOf(start) };
        try
        {
            await using var sandbox = await sandboxes.OpenAsync(setup, CancellationToken.None);
            var result = await sandbox.RunAsync(CommandOf(start, stop), CancellationToken.None);
            await File.WriteAllBytesAsync(start.OutputFile, result.Output.Kept, CancellationToken.None);
            await File.WriteAllBytesAsync(start.ErrorFile, result.Error.Kept, CancellationToken.None);
            var wasStopped = result.End == SandboxEnd.Stopped;
            return new ProgramEnd(wasStopped ? null : result.ExitCode, wasStopped);
        }
        catch (ForgeException fault) when (fault is not (EnvironmentFaultException or InfrastructureFaultException))
        {
            throw new EnvironmentFaultException($"'{start.Command[0]}' could not be run in a sandbox: {fault.Message}", fault);
        }
    }

    private static SandboxCommand CommandOf(ProgramStart start, CancellationToken stop) => new()
    {
        Words = start.Command,
        Environment = start.Variables.ToImmutableDictionary(),
        Timeout = Longest,
        Stop = stop,
        KeptOutputBytes = (int)Math.Min(start.MaxOutputBytes, int.MaxValue),
    };

    private static ImmutableArray<int> PortsOf(ProgramStart start)
    {
        var ports = new SortedSet<int>();
        foreach (var name in Addresses)
        {
            if (start.Variables.TryGetValue(name, out var text) && Uri.TryCreate(text, UriKind.Absolute, out var address))
            {
                ports.Add(address.IsLoopback ? address.Port : throw new EnvironmentFaultException(
                    $"{name} is {text}, which is not on this machine's loopback: a sandbox reaches nothing else. Give gateway.http a loopback address."));
            }
        }

        return [.. ports];
    }
}
