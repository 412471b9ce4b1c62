using System.Collections.Immutable;

namespace Forge.Sandbox;

/// <summary>What one episode's sandbox is made of.</summary>
public sealed record SandboxSetup
{
    /// <summary>The episode's folder, an absolute path; it is made when it does not exist, and may hold the task's files.</summary>
    public required string Folder { get; init; }

    /// <summary>Where programs see the folder; null for <c>/work</c>. Programs that run unshut see it where it is.</summary>
    public string? FolderInside { get; init; }

    /// <summary>The gateway on the host: an absolute path of a Unix socket, or <c>ADDRESS:PORT</c>; null for programs that call no model.</summary>
    public string? Gateway { get; init; }

    /// <summary>Services of this machine's loopback that programs reach under the port that they have here.</summary>
    public ImmutableArray<int> LoopbackPorts { get; init; } = [];
}
